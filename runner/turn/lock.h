// The lock's key, what a failing holder reports to the waiters, and how often a waiter tries again.
// Pure, but for this_replica(). Any thread may call.
#pragma once

#include "runner/values/migration.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// FNV-1a-64 of `schema.table`, as its bits stand in a signed bigint; never 0.
std::int64_t lock_key_of(std::string_view schema_table);

/// This process, as another replica's operator finds it: `process 4711 on web-7`.
std::string this_replica();

/// What a failing holder tells the waiters: they would fail at the same bytes, too.
struct FailureNotice {
  Version version;
  std::string checksum;
  std::string replica = {};  ///< whose failure it is: `process 4711 on web-7`

  std::string payload() const;
  static std::optional<FailureNotice> parse(std::string_view payload);
};

/// How often a waiter asks without having been told, times a random factor of 0.5 to 1 so that
/// waiters do not march in step. Where a notification will come: 250 ms, growing to 1 s in a long
/// wait. Where none can: a quarter of the time waited, 10 to 250 ms.
class Fallback {
 public:
  enum class Told { by_notification, by_nobody };

  explicit Fallback(std::uint32_t seed, Told told = Told::by_notification);
  std::chrono::milliseconds next(std::chrono::milliseconds waited);

 private:
  std::uint32_t random_;
  Told told_;
};

}  // namespace gauntlet::runner
