#include "harness/arena/row.h"

#include "runner/values/error.h"

#include <fmt/format.h>

namespace gauntlet::arena {

void throw_unexpected_reply(const std::string& what) {
  throw runner::Error("unexpected-reply",
                      "the server's reply is not one of PostgreSQL to this query: " + what, {},
                      "see what answers at that address: a proxy, a pooler, another program");
}

const Row::Value& Row::operator[](std::size_t column) const {
  if (column < values_.size()) return values_[column];
  throw_unexpected_reply(fmt::format("a row of {} columns, where column {} was asked for",
                                     values_.size(), column + 1));
}

const std::string& Row::text(std::size_t column) const {
  const Value& value = (*this)[column];
  if (value) return *value;
  throw_unexpected_reply(fmt::format("a null in column {}", column + 1));
}

}  // namespace gauntlet::arena
