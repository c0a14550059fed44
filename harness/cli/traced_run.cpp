#include "harness/cli/traced_run.h"

#include "harness/verify/wire_fleet.h"

namespace gauntlet::cli {

core::History traced_run(const fleet::Subject& subject, const arena::Database& database,
                         const std::filesystem::path& migrations,
                         std::chrono::milliseconds patience) {
  gate::OpenGate open;
  gate::AtOnce gate(open);
  gate::Recorder recorder(1);
  {
    verify::WireFleet fleet({&subject}, database, migrations, gate, recorder,
                            {.start = fleet::ProcessFleet::Start::at_once});
    fleet.processes().release();
    fleet.finish_within(patience);
  }
  return recorder.history();
}

}  // namespace gauntlet::cli
