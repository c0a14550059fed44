// Who owns a throwaway thing: told by its name alone, so that there is no moment without an owner.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace gauntlet::process {

/// A process, named beyond reuse of its pid: boot, pid namespace, pid, start time in clock ticks.
struct Owner {
  std::string machine;  ///< 16 hexadecimal digits of boot id and pid namespace
  pid_t pid = 0;
  unsigned long long start_time = 0;

  static const Owner& self();
  static std::optional<Owner> of(pid_t pid);  ///< nullopt if there is no such process
  std::string text() const;  ///< `<machine>_<pid>_<start>`: letters, digits and `_`
  static std::optional<Owner> parse(std::string_view text);

  enum class Life {
    alive,
    dead,
    elsewhere
  };  ///< elsewhere: another machine or container; cannot tell
  Life life() const;
};

/// Kills every process of ours that carries the GAUNTLET_OWNER of a dead owner. Returns how many.
int end_orphans();

}  // namespace gauntlet::process
