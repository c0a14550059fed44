// SIGHUP, SIGINT and SIGTERM become a readable file descriptor, so that a run can leave nothing
// behind. One for the whole process, made on the main thread.
#pragma once

namespace gauntlet::runner {

class Interruption {
 public:
  /// From now on the first of these signals is told by fd(); a second one, of whichever of them,
  /// ends the process at once, with the exit code 128 + its number.
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  int fd() const;
  /// The signal that came, 0 for none.
  int signal() const;

  /// Before this call each signal ends the process, with the exit code 128 + its number: while it
  /// connects there is nothing to clean up, and libpq would go on waiting.
  void begin_to_catch();
};

}  // namespace gauntlet::runner
