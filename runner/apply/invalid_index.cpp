#include "runner/apply/invalid_index.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace gauntlet::runner {

std::vector<InvalidIndex> invalid_and_named(const std::set<InvalidIndex>& invalid,
                                            std::string_view sql) {
  std::vector<InvalidIndex> named;
  if (invalid.empty()) return named;
  const std::string lowered = lower(sql);
  std::ranges::copy_if(invalid, std::back_inserter(named),
                       [&](const InvalidIndex& index) { return mentions(lowered, index.name); });
  return named;
}

std::string list_of(const std::vector<InvalidIndex>& indexes) {
  std::string text;
  for (const InvalidIndex& index : indexes) {
    text += fmt::format("\n         index {} is INVALID: DROP INDEX CONCURRENTLY {}", index.quoted,
                        index.quoted);
  }
  return text;
}

}  // namespace gauntlet::runner
