// FNV-1a, 64 bits: the same number everywhere and always, unlike std::hash. Not for secrets. Pure,
// so safe on any thread. Source: draft-eastlake-fnv.
#pragma once

#include <cstdint>
#include <string_view>

namespace gauntlet::core {

/// `from` is the hash of what came before.
constexpr std::uint64_t fnv1a(std::string_view bytes,
                              std::uint64_t from = 14'695'981'039'346'656'037U) {
  for (const char byte : bytes)
    from = (from ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211U;
  return from;
}

}  // namespace gauntlet::core
