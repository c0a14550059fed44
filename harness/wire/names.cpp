#include "harness/wire/names.h"

#include <algorithm>

namespace gauntlet::wire {
namespace {

/// What an entry costs beside its texts.
constexpr std::size_t entry_bytes = 128;

std::size_t size_of(const Statement& statement) {
  return entry_bytes + 2 * statement.name.size() + statement.sql.size() +
         statement.types.size() * sizeof(std::uint32_t);
}

/// Its statement is counted too: a portal keeps it alive after its name was given away.
std::size_t size_of(std::string_view name, const Portal& portal) {
  std::size_t bytes = entry_bytes + name.size();
  if (portal.statement) bytes += size_of(*portal.statement);
  if (portal.values)
    for (const auto& value : *portal.values)
      bytes += sizeof(Value) + (value.bytes ? value.bytes->size() : 0);
  return bytes;
}

}  // namespace

void Names::make_room(std::size_t bytes) {
  if (bytes_ + bytes <= bytes_max_) return;
  statements_.clear();
  portals_.clear();
  bytes_ = 0;
}

void Names::prepare(std::shared_ptr<Statement> statement) {
  close_statement(statement->name);
  const auto bytes = size_of(*statement);
  make_room(bytes);
  if (bytes > bytes_max_) return;
  bytes_ += bytes;
  std::string name = statement->name;
  statements_.emplace(std::move(name), std::move(statement));
}

void Names::bind(std::string_view name, Portal portal) {
  close_portal(name);
  const auto bytes = size_of(name, portal);
  make_room(bytes);
  if (bytes > bytes_max_) return;
  bytes_ += bytes;
  portals_.emplace(name, std::move(portal));
}

void Names::close_statement(std::string_view name) {
  const auto found = statements_.find(name);
  if (found == statements_.end()) return;
  bytes_ -= size_of(*found->second);
  statements_.erase(found);
}

void Names::close_portal(std::string_view name) {
  const auto found = portals_.find(name);
  if (found == portals_.end()) return;
  bytes_ -= size_of(found->first, found->second);
  portals_.erase(found);
}

std::shared_ptr<Statement> Names::statement(std::string_view name) const {
  const auto found = statements_.find(name);
  return found == statements_.end() ? nullptr : found->second;
}

Portal Names::portal(std::string_view name) const {
  const auto found = portals_.find(name);
  return found == portals_.end() ? Portal{} : found->second;
}

}  // namespace gauntlet::wire
