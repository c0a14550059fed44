#include "harness/verify/replay.h"

#include "harness/process/quoted_word.h"
#include "harness/verify/sqlite_checks.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

class CommandLine {
 public:
  void add(std::string_view flag, std::string_view value) {
    text_ += fmt::format(" {} {}", flag, process::quoted_word(value));
  }
  void add_raw(std::string_view words) { text_ += fmt::format(" {}", words); }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = "gauntlet verify";
};

void add_server(CommandLine& line, const arena::ServerOptions& server) {
  const arena::ServerOptions usual;
  if (!server.binaries.empty()) line.add("--postgres", server.binaries.string());
  if (server.locale != usual.locale) line.add("--locale", server.locale);
  for (const auto& [name, value] : server.settings) {
    line.add("--server-setting", fmt::format("{}={}", name, value));
  }
}

void add_runner(CommandLine& line, const Options& options) {
  if (options.subject)
    line.add("--subject", options.subject_file.string());
  else if (options.runner)
    line.add("--runner", *options.runner);
  if (!options.applied_query.empty()) line.add("--applied-query", options.applied_query);
  if (options.applied_through)
    line.add("--applied-through", fmt::format("{}", *options.applied_through));
  if (options.success_codes != Options().success_codes) {
    line.add("--success-codes", fmt::format("{}", fmt::join(options.success_codes, ",")));
  }
}

void add_boot(CommandLine& line, const Options& options) {
  const Options usual;
  if (options.service) line.add("--service", *options.service);
  if (!options.health_url.empty()) line.add("--health-url", options.health_url);
  if (options.boot_deadline != usual.boot_deadline) {
    line.add("--boot-deadline", flag_duration(options.boot_deadline));
  }
}

}  // namespace

std::string flag_duration(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? fmt::format("{}s", time.count() / 1000)
                                  : fmt::format("{}ms", time.count());
}

std::string replay_command(const Options& options, std::string_view check) {
  const Options usual;
  CommandLine line;
  // A file's path holds no password, so the line can be repeated as it is.
  const bool is_plain = options.database == "ephemeral" || is_sqlite(options);
  if (is_plain) line.add("--database", options.database);
  if (!options.database.empty() && !is_plain) {
    line.add_raw("--database \"$TEST_DATABASE_URL\"");
  }
  line.add("--migrations", options.migrations.string());
  line.add("--checks", check);
  if (!options.format.name.empty()) line.add("--format", options.format.name);
  add_runner(line, options);
  if (check == "boot") add_boot(line, options);
  if (check == "replicas" && options.replicas != usual.replicas) {
    line.add("--replicas", fmt::format("{}", options.replicas));
  }
  if (options.statement_timeout != usual.statement_timeout) {
    line.add("--statement-timeout", flag_duration(options.statement_timeout));
  }
  if (!options.init_sql.empty()) line.add("--init-sql", options.init_sql.string());
  if (options.in_place) line.add_raw("--in-place");
  if (options.in_place_max != usual.in_place_max)
    line.add("--in-place-max", flag_duration(options.in_place_max));
  if (options.arena.copy_bytes_max != usual.arena.copy_bytes_max)
    line.add("--copy-limit", fmt::format("{}", options.arena.copy_bytes_max));
  for (const std::string& column : options.unstable_columns) line.add("--unstable-column", column);
  if (options.allow_cluster_changes) line.add_raw("--allow-cluster-changes");
  add_server(line, options.arena.server);
  line.add("--seed", fmt::format("{}", options.seed));
  return line.text();
}

}  // namespace gauntlet::verify
