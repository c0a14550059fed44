#include "harness/schedule/asleep.h"

#include "harness/core/files.h"

#include <charconv>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::schedule {

namespace {

namespace fs = std::filesystem;

/// The fields of /proc/PID/stat after the name, which may hold anything.
std::string_view fields_of(const std::string& stat) {
  const std::size_t end = stat.rfind(") ");
  return end == std::string::npos ? std::string_view() : std::string_view(stat).substr(end + 2);
}

std::string_view field(std::string_view fields, std::size_t number) {
  for (; number > 0; --number) fields.remove_prefix(std::min(fields.find(' ') + 1, fields.size()));
  return fields.substr(0, fields.find(' '));
}

std::uint64_t switches_in(const std::string& status) {
  std::uint64_t sum = 0;
  for (std::size_t at = status.find("ctxt_switches:"); at != std::string::npos;
       at = status.find("ctxt_switches:", at + 1)) {
    std::size_t digit = status.find_first_of("0123456789", at);
    std::uint64_t count = 0;
    if (digit != std::string::npos)
      std::from_chars(status.data() + digit, status.data() + status.size(), count);
    sum += count;
  }
  return sum;
}

/// Adds the switches of the process's threads; false if one of them works.
bool add_threads(const fs::path& process, std::uint64_t& sum) {
  std::error_code gone;
  for (fs::directory_iterator thread(process / "task", gone), end; thread != end;
       thread.increment(gone)) {
    const std::string stat = core::read_file_if_any(thread->path() / "stat");
    const std::string_view fields = fields_of(stat);
    if (fields.empty()) continue;
    if (fields.front() != 'S') return false;
    sum += switches_in(core::read_file_if_any(thread->path() / "status"));
  }
  return true;
}

/// The processes that `pid` started and that have not ended, all generations; `pid` itself, too.
std::vector<fs::path> family_of(pid_t pid) {
  std::vector<fs::path> family{fs::path("/proc") / std::to_string(pid)};
  for (std::size_t at = 0; at < family.size(); ++at) {
    std::error_code gone;
    for (fs::directory_iterator thread(family[at] / "task", gone), end; thread != end;
         thread.increment(gone)) {
      std::istringstream children(core::read_file_if_any(thread->path() / "children"));
      for (std::string child; children >> child;) family.push_back(fs::path("/proc") / child);
    }
  }
  return family;
}

bool is_of_group(const fs::path& process, pid_t group) {
  constexpr std::size_t group_field = 2;  // state, parent, group
  const std::string stat = core::read_file_if_any(process / "stat");
  return field(fields_of(stat), group_field) == std::to_string(group);
}

}  // namespace

std::optional<std::uint64_t> switches_if_asleep(pid_t group) {
  std::uint64_t sum = 0;
  std::size_t processes = 0;
  for (const fs::path& process : family_of(group)) {
    if (!is_of_group(process, group)) continue;
    ++processes;
    if (!add_threads(process, sum)) return std::nullopt;
  }
  if (processes == 0) return std::nullopt;
  return sum;
}

}  // namespace gauntlet::schedule
