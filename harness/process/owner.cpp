#include "harness/process/owner.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

std::string read_first_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

std::string pid_namespace() {
  std::array<char, 64> text{};
  const ssize_t size = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// The boot in the first eight digits, the place (host and pid namespace) in the last eight: the
/// same place after another boot holds none of its former processes.
const std::string& this_machine() {
  static const std::string machine = [] {
    utsname host{};
    ::uname(&host);
    const std::string place =
        fmt::format("{} {} {}", pid_namespace(), read_first_line("/etc/machine-id"), host.nodename);
    const std::string boot = read_first_line("/proc/sys/kernel/random/boot_id");
    return fmt::format("{:08x}{:08x}", fnv1a(boot), fnv1a(place));
  }();
  return machine;
}

/// Start time in clock ticks since boot (proc(5), stat, field 22); nullopt if there is no such
/// process or it has ended and only waits to be reaped.
std::optional<unsigned long long> start_time_of(pid_t pid) {
  const std::string stat = read_first_line(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = stat.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::size_t at = name_end + 2;
  if (at < stat.size() && (stat[at] == 'Z' || stat[at] == 'X')) return std::nullopt;
  for (int field = 3; field < 22; ++field) at = stat.find(' ', at) + 1;
  unsigned long long start = 0;
  const auto [end, error] = std::from_chars(stat.data() + at, stat.data() + stat.size(), start);
  if (error != std::errc()) return std::nullopt;
  return start;
}

template <typename Number>
bool read_whole(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

const Owner& Owner::self() {
  static const Owner owner = *of(::getpid());
  return owner;
}

std::optional<Owner> Owner::of(pid_t pid) {
  const auto start = start_time_of(pid);
  if (!start) return std::nullopt;
  return Owner{.machine = this_machine(), .pid = pid, .start_time = *start};
}

std::string Owner::text() const { return fmt::format("{}_{}_{}", machine, pid, start_time); }

std::optional<Owner> Owner::parse(std::string_view text) {
  const std::size_t first = text.find('_');
  const std::size_t second = text.find('_', first + 1);
  if (first != 16 || second == std::string_view::npos) return std::nullopt;
  Owner owner{.machine = std::string(text.substr(0, first)), .pid = 0, .start_time = 0};
  if (owner.machine.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  if (!read_whole(text.substr(first + 1, second - first - 1), owner.pid)) return std::nullopt;
  if (!read_whole(text.substr(second + 1), owner.start_time)) return std::nullopt;
  if (owner.pid <= 0) return std::nullopt;
  return owner;
}

Owner::Life Owner::life() const {
  const std::string& here = this_machine();
  if (machine.substr(8) != here.substr(8)) return Life::elsewhere;
  if (machine != here) return Life::dead;  // an earlier boot of this very place
  return start_time_of(pid) == start_time ? Life::alive : Life::dead;
}

}  // namespace gauntlet::process
