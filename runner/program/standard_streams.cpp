#include "runner/program/standard_streams.h"

#include "runner/values/visible_text.h"

#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace gauntlet::runner {

void hold_standard_streams() {
  // The lowest free number is given first.
  int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  while (opened >= 0 && opened <= STDERR_FILENO) opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (opened >= 0) close(opened);
}

void survive_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

bool write_text(std::FILE* to, std::string_view text) {
  const std::string shown = visible_text(text);
  const bool is_taken = std::fwrite(shown.data(), 1, shown.size(), to) == shown.size();
  return std::fflush(to) == 0 && is_taken;
}

std::string reason_text(int error) { return std::generic_category().message(error); }

}  // namespace gauntlet::runner
