// One row of a reply to the harness's own queries. A server may send anything: a column that is not
// there, or a null where none was expected, is an error here and nowhere undefined.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::arena {

class Row {
 public:
  using Value = std::optional<std::string>;  ///< nullopt: null

  Row() = default;
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  Row(std::initializer_list<Value> values) : values_(values) {}

  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

  /// Throws: Error `unexpected-reply` where the row has no such column.
  const Value& operator[](std::size_t column) const;
  const Value& at(std::size_t column) const { return (*this)[column]; }
  const Value& front() const { return (*this)[0]; }
  /// As operator[]. Throws: the same for a null.
  const std::string& text(std::size_t column) const;

  friend bool operator==(const Row&, const Row&) = default;

 private:
  std::vector<Value> values_;
};

[[noreturn]] void throw_unexpected_reply(const std::string& what);

}  // namespace gauntlet::arena
