#include "runner/apply/invalid_index.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

bool is_identifier_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || byte == '$' ||
         static_cast<unsigned char>(byte) >= 0x80U;
}

}  // namespace

bool mentions(const std::string& lowered, std::string_view name) {
  const std::string word = lower(name);
  for (std::size_t at = lowered.find(word); at != std::string::npos;
       at = lowered.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_identifier_byte(lowered[at - 1]);
    if (starts && (end == lowered.size() || !is_identifier_byte(lowered[end]))) return true;
  }
  return false;
}

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
