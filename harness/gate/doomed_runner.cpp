// doomed_runner CONNINFO FOLDER [RULING SKIP]: the reference runner's `up`, in a process of its own
// that SIGKILL ends before or after one of its steps. The tests of this room start it.
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"
#include "runner/apply.h"
#include "runner/connect.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

int main(int argc, char** argv) {
  using namespace gauntlet;
  if (argc != 3 && argc != 5) return 64;
  std::vector<fault::Fault> faults;
  if (argc == 5) {
    const auto what = std::string_view(argv[3]) == "die-before" ? core::Ruling::What::die_before
                                                                : core::Ruling::What::die_after;
    faults.push_back({.skip = std::strtoul(argv[4], nullptr, 10), .ruling = {.what = what}});
  }
  try {
    gate::OpenGate open;
    gate::ProcessKiller killer(open, faults);
    gate::Recorder recorder(1);
    const gate::Doorway doorway{.gate = killer, .recorder = recorder};
    const auto direct = runner::sessions_of(argv[1]);
    gate::GatedSource sessions(*direct, doorway, 0);
    runner::up(sessions, runner::read_folder(argv[2]), {});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
