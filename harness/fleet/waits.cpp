#include "harness/fleet/waits.h"

#include "harness/arena/connection.h"
#include "runner/values/error.h"

#include <charconv>
#include <string_view>

namespace gauntlet::fleet {

namespace {

constexpr const char* sessions =
    "SELECT pid, coalesce(wait_event_type, ''), coalesce(wait_event, ''), coalesce(state, ''),"
    " left(query, 200), array_to_string(pg_catalog.pg_blocking_pids(pid), ' ')"
    " FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()"
    " AND pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend'"
    " ORDER BY wait_event_type IS DISTINCT FROM 'Lock', pid";

int number_of(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<int> numbers_of(std::string_view text) {
  std::vector<int> numbers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    numbers.push_back(number_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

}  // namespace

std::vector<core::SessionWait> waits_in(const arena::Address& database) {
  std::vector<core::SessionWait> waits;
  if (!database.file().empty()) return waits;
  try {
    for (const arena::Row& row : arena::Connection(database).ask(sessions)) {
      const auto text = [&](std::size_t column) { return row.at(column).value_or(""); };
      waits.push_back({.backend_pid = number_of(text(0)),
                       .wait_event_type = text(1),
                       .wait_event = text(2),
                       .state = text(3),
                       .statement = text(4),
                       .blocked_by = numbers_of(text(5))});
    }
  } catch (const runner::Error&) {
    waits.clear();  // a server that cannot be asked is the replicas' trouble, too
  }
  return waits;
}

}  // namespace gauntlet::fleet
