// What became of a cell, by three witnesses: what the files leave, what the wire saw, and what the
// database holds; the runner's tracker and exit code are held to them. Pure.
#pragma once

#include "harness/crash/cell.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::crash {

enum class Outcome {
  converged,         ///< all files have had their effects once, and the runner knows it
  stopped_and_said,  ///< it stopped, and said what to do
  stopped_silently,  ///< it stopped, and did not: a warning
  recorded_wrongly,  ///< its tracker says something else than what is there
  applied_twice,     ///< something has had its effects more than once
  lost,              ///< it reported success, or recorded it, and something is not there
  not_done,          ///< the step did not come: nothing can be said
};

std::string_view to_string(Outcome outcome);  ///< `applied-twice`
constexpr bool is_violated(Outcome outcome) {
  return outcome == Outcome::recorded_wrongly || outcome == Outcome::applied_twice ||
         outcome == Outcome::lost;
}

struct Judged {
  Outcome outcome = Outcome::not_done;
  std::string why = {};  ///< one sentence, with the witness that it rests on
};

/// What the runner's tracker held after the clean run, by which a later state of it is read.
struct Tracker {
  std::optional<core::Applied> clean = {};  ///< absent: it is not known how to read it
};

/// So many of the files are recorded: 0 … files; nullopt where the tracker cannot be read, and
/// where it holds something that no number of files leaves (then `strange` says what).
struct Recorded {
  std::optional<std::size_t> files = {};
  bool is_dirty = false;
  std::string strange = {};
};
Recorded recorded(const Tracker& tracker, const std::optional<core::Applied>& now,
                  const std::vector<truth::File>& files);

Judged judge(const CellSeen& seen, const std::vector<truth::File>& files, const Tracker& tracker);

}  // namespace gauntlet::crash
