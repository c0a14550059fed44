// The most memory that this process had resident at one time. For tests; not while others run in
// the same process.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace gauntlet::runner {

class PeakMemory {
 public:
  /// Linux: proc(5), clear_refs.
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";
    before_ = now();
  }
  std::size_t grown_megabytes() const { return (now() - before_) / 1024; }

 private:
  static std::size_t now() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    return 0;
  }

  std::size_t before_ = 0;  // kilobytes
};

/// Of a run that keeps nothing.
#ifdef __SANITIZE_ADDRESS__
/// AddressSanitizer keeps what was freed: 64 MB of it, not 256, and as much again around it.
extern "C" [[gnu::used]] inline const char*
__asan_default_options() {  // NOLINT(*-reserved-identifier)
  return "quarantine_size_mb=64";
}
constexpr std::size_t little_memory = 300;
#else
constexpr std::size_t little_memory = 16;
#endif

}  // namespace gauntlet::runner
