#include "harness/cli/crash_cells.h"

#include "harness/cli/workers.h"

#include <memory>
#include <mutex>

#include <fmt/format.h>

namespace gauntlet::cli {

std::vector<crash::CellResult> run_cells(const crash::Sweep& sweep, const Ground& ground,
                                         std::size_t jobs, LiveLine& line) {
  const auto& cells = sweep.cells();
  std::vector<crash::CellResult> results(cells.size());
  std::mutex mutex;
  std::size_t done = 0;
  share_out(cells.size(), jobs, [&] {
    const std::shared_ptr<arena::Arena> arena = ground.open_arena();
    return [&, arena](std::size_t item) {
      const crash::Cell& cell = cells[item];
      line.show(fmt::format("{} of {}: {} at {}", item + 1, cells.size(),
                            sweep.harms()[cell.harm].id, sweep.points()[cell.point].label));
      results[item] = sweep.run(cell, *arena);
      const std::lock_guard held(mutex);
      line.set_done(static_cast<double>(++done) / static_cast<double>(cells.size()));
    };
  });
  return results;
}

}  // namespace gauntlet::cli
