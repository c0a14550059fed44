// One migration to be run in one direction: what is sent, and what it is called in messages. A
// value. Any thread may call.
#pragma once

#include "runner/values/delivery.h"
#include "runner/values/direction.h"
#include "runner/values/migration.h"

#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

struct Task {
  /// Whether the run ends with it, so that its commit tells those who wait.
  enum class Rank { more_follow, last };

  const Migration* migration;
  Direction direction = Direction::up;
  Delivery delivery = Delivery::in_transaction;
  Rank rank = Rank::last;

  std::string_view sql() const;                 ///< of this direction, without a byte-order mark
  const Code& code() const;                     ///< of this direction; may be empty
  std::optional<std::string> checksum() const;  ///< of this direction's file; none for code
  std::string where() const;                    ///< its file, or that it is code
  std::string where(Place place) const;         ///< `path/003_x.up.sql:2:15`
  std::string name() const;                     ///< `migration 3 (x)`, `down migration 3 (x)`
  /// What a failed attempt in a transaction leaves: nothing; downwards, what was applied.
  std::string what_remains() const;
  std::string command() const;  ///< `gauntlet-migrate up`: what runs it again
};

}  // namespace gauntlet::runner
