#include "harness/observe/observe.h"
#include "harness/observe/reader.h"

namespace gauntlet::observe {

namespace {

constexpr const char* any_table =
    "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema')";

bool is_missing(const ReadError& error) {
  return error.sqlstate() == "42P01" || error.sqlstate() == "3F000";
}

}  // namespace

bool tracker_is_absent(const arena::Address& address, const std::string& query) {
  if (!address.file().empty()) return false;  // a file is judged by what can be read of it
  Reader reader(address);
  if (query.empty()) return reader.ask(any_table).at(0).at(0) == "f";
  try {
    reader.ask_foreign(query);
    return false;
  } catch (const ReadError& error) {
    if (!is_missing(error)) throw;
    return true;
  }
}

}  // namespace gauntlet::observe
