// The prepared statements and portals of one session, by name: what a Bind or an Execute, which
// only names them, is about. Follows what the client sends, not what the server accepts: a name
// whose Parse fails keeps that text until it is used again. Pure; bounded.
#pragma once

#include "harness/wire/request.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

struct Portal {
  std::shared_ptr<Statement> statement = {};
  std::shared_ptr<const std::vector<Value>> values = {};
};

class Names {
 public:
  explicit Names(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  void prepare(std::shared_ptr<Statement> statement);
  void bind(std::string_view name, Portal portal);
  void close_statement(std::string_view name);
  void close_portal(std::string_view name);

  /// Null where nobody prepared it.
  std::shared_ptr<Statement> statement(std::string_view name) const;
  Portal portal(std::string_view name) const;

  std::size_t bytes() const noexcept { return bytes_; }

 private:
  /// Forgets everything when `bytes` more would be too many: only a hostile peer gets there.
  void make_room(std::size_t bytes);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::map<std::string, std::shared_ptr<Statement>, std::less<>> statements_ = {};
  std::map<std::string, Portal, std::less<>> portals_ = {};
};

}  // namespace gauntlet::wire
