#include "harness/arena/server_watch.h"

#include "harness/arena/connection.h"

#include <algorithm>

namespace gauntlet::arena {
namespace {

/// The server's own processes have neither a database nor a user. After a crash of any process the
/// postmaster ends all of them, and starts others.
constexpr const char* identity_query =
    "SELECT pg_postmaster_start_time()::text, (SELECT string_agg(pid::text, ' ') FROM "
    "pg_stat_activity WHERE datid IS NULL AND usesysid IS NULL)";

std::set<std::string> words_in(const std::string& text) {
  std::set<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

/// A server that is full answers: it was not lost.
bool is_full(const runner::Error& error) {
  const std::string& said = error.message();
  return said.find("too many clients") != std::string::npos ||
         said.find("too many connections") != std::string::npos ||
         said.find("remaining connection slots") != std::string::npos;
}

bool share_one(const std::set<std::string>& one, const std::set<std::string>& other) {
  return std::any_of(one.begin(), one.end(),
                     [&](const std::string& word) { return other.contains(word); });
}

}  // namespace

ServerWatch::ServerWatch(const Address& maintenance)
    : maintenance_(maintenance), is_file_(!maintenance.file().empty()) {
  if (is_file_) return;
  try {
    before_ = identity();
  } catch (const runner::Error&) {
    was_reached_ = false;
  }
}

ServerWatch::Identity ServerWatch::identity() const {
  const std::vector<Row> rows = Connection(maintenance_).ask(identity_query);
  if (rows.empty()) return {};
  return {.started = rows.front()[0].value_or(""),
          .processes = words_in(rows.front()[1].value_or(""))};
}

bool ServerWatch::was_lost() const {
  if (is_file_) return false;
  if (!was_reached_) return true;
  try {
    const Identity now = identity();
    if (now.started != before_.started) return true;
    return !before_.processes.empty() && !share_one(before_.processes, now.processes);
  } catch (const runner::Error& error) {
    return !is_full(error);
  }
}

}  // namespace gauntlet::arena
