// Which files a runner's command starts or reads, and what they are today. Reads files; any thread.
#pragma once

#include "harness/certify/certificate.h"
#include "harness/fleet/fleet.h"

#include <vector>

namespace gauntlet::certify {

/// The program, as PATH finds it, and every word of the command that names a file: a script, a
/// configuration. What those load in turn is not among them.
/// Throws: Error `unreadable-file`; `cannot-start` where there is no such program.
std::vector<Executable> executables_of(const fleet::Subject& subject);

}  // namespace gauntlet::certify
