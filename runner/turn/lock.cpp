#include "runner/turn/lock.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::runner {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t lock_key_of(std::string_view schema_table) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char character : schema_table) {
    hash ^= static_cast<unsigned char>(character);
    hash *= 1099511628211ULL;
  }
  return hash == 0 ? 1 : std::bit_cast<std::int64_t>(hash);
}

std::string this_replica() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return fmt::format("process {}", getpid());
  return fmt::format("process {} on {}", getpid(), host.data());
}

std::string FailureNotice::payload() const {
  return fmt::format("failed {} {} {}", version.number, checksum, replica);
}

std::optional<FailureNotice> FailureNotice::parse(std::string_view payload) {
  constexpr std::string_view verb = "failed ";
  if (!payload.starts_with(verb)) return std::nullopt;
  payload.remove_prefix(verb.size());
  FailureNotice notice;
  const auto read =
      std::from_chars(payload.data(), payload.data() + payload.size(), notice.version.number);
  if (read.ec != std::errc{} || read.ptr == payload.data() + payload.size() || *read.ptr != ' ') {
    return std::nullopt;
  }
  const std::string_view rest(read.ptr + 1, payload.data() + payload.size());
  const std::size_t space = std::min(rest.find(' '), rest.size());
  notice.checksum = rest.substr(0, space);
  if (space < rest.size()) notice.replica = rest.substr(space + 1);
  return notice;
}

Fallback::Fallback(std::uint32_t seed, Told told) : random_(seed | 1U), told_(told) {}

milliseconds Fallback::next(milliseconds waited) {
  milliseconds longest{250};
  if (told_ == Told::by_nobody) {
    longest = std::clamp(waited / 4, milliseconds(10), milliseconds(250));
  } else if (waited > seconds(30)) {
    longest = milliseconds(1000);
  } else if (waited > seconds(10)) {
    longest = milliseconds(500);
  }
  // xorshift32: spreads waiters apart, nothing more.
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  const auto half = longest / 2;
  return half + milliseconds(static_cast<std::int64_t>(random_) % (half.count() + 1));
}

}  // namespace gauntlet::runner
