// Whoever is a program: its copies are processes, released together, that end when they have done
// their work. Belongs to one thread.
#pragma once

#include "harness/bench/field.h"
#include "harness/bench/measure.h"
#include "harness/bench/work.h"
#include "harness/fleet/fleet.h"
#include "harness/fleet/subject_file.h"

#include <chrono>
#include <memory>
#include <vector>

namespace gauntlet::bench {

struct ProgramOptions {
  std::chrono::milliseconds patience{60'000};  ///< of a fleet
};

/// A runner, given each work as the project that it reads. Field and works outlive it.
/// Throws: Error of make_project.
std::unique_ptr<Contender> runner_program(const fleet::SubjectFile& subject, Role role,
                                          Field& field, const std::vector<Work>& works);

/// The floor: connects, sends one SELECT, and leaves. Throws: Error `no-floor`.
std::unique_ptr<Contender> bare_program(Field& field);

}  // namespace gauntlet::bench
