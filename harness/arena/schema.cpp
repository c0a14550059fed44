
#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/arena/scram.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

constexpr std::size_t purpose_bytes_max = 30;

/// Letters, digits and `_` of it: what needs no quotes.
std::string plain(const std::string& purpose) {
  std::string text;
  for (const char c : purpose.substr(0, purpose_bytes_max)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    text += is_plain ? c : '_';
  }
  return text;
}

}  // namespace

Schema::Schema(Address address, const std::string& purpose)
    : address_(std::move(address)),
      name_(fmt::format("gauntlet_{}_{}", plain(purpose), random_digits(6))) {
  Connection(address_).run("CREATE SCHEMA " + name_);
}

Schema::~Schema() {
  try {
    Connection(address_).run("DROP SCHEMA IF EXISTS " + name_ + " CASCADE");
  } catch (const std::exception&) {
    // Its database is a throwaway one, or out of reach: nothing more can be done here.
  }
}

std::int64_t unique_lock_key() {
  while (true) {
    const std::uint64_t bits = std::stoull(random_digits(8), nullptr, 16);
    const auto key = static_cast<std::int64_t>(bits & std::numeric_limits<std::int64_t>::max());
    if (key != 0) return key;
  }
}

}  // namespace gauntlet::arena
