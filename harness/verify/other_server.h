// --server-version beside the server that judged: what another major version refuses, the declared
// one may take. Pure.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Where the majors differ, every judged result gets the note `other-server-version`, and a failure
/// of SQLSTATE class 42 (syntax error or access rule violation) becomes unknown.
void tell_other_server(const Options& options, core::Report& report);

}  // namespace gauntlet::verify
