#include "harness/observe/reader.h"

#include <fmt/format.h>

namespace gauntlet::observe {

ReadError::ReadError(std::string sqlstate, std::string message, std::string where)
    : Error("query-failed",
            sqlstate.empty() ? message : fmt::format("{} (SQLSTATE {})", message, sqlstate),
            std::move(where)),
      sqlstate_(std::move(sqlstate)) {}

Reader::Reader(const arena::Address& address)
    : where_(address.masked()),
      connection_(address, {.statement = std::chrono::seconds(120),
                            .application_name = "gauntlet-observe"}) {
  ask("set session characteristics as transaction isolation level repeatable read, read only;"
      "set default_transaction_deferrable = off; set lock_timeout = '10s'");
}

void Reader::use_fixed_formats() {
  ask("set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO, MDY';"
      "set intervalstyle = 'postgres'; set extra_float_digits = 1; set bytea_output = 'hex';"
      "set lc_monetary = 'C'; set xmloption = 'content'; set quote_all_identifiers = off;"
      "set row_security = off; set jit = off");
}

template <typename Execute>
auto Reader::execute(const Execute& execute) {
  try {
    return execute();
  } catch (const arena::StatementError& error) {
    throw ReadError(error.sqlstate(), error.message(), where_);
  }
}

Rows Reader::ask(const std::string& sql) {
  return execute([&] { return connection_.run(sql); });
}

Reader::Table Reader::ask_foreign(const std::string& sql) {
  // The server takes no second statement in a query with parameters, be there none of them.
  return execute([&] { return connection_.ask_table(sql); });
}

void Reader::pause(std::chrono::milliseconds patience) { connection_.pause(patience); }

const std::string& text_of(const std::optional<std::string>& value) {
  if (value) return *value;
  arena::throw_unexpected_reply("a null where there always is a value");
}

}  // namespace gauntlet::observe
