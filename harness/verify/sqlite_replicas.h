// The check `replicas` on SQLite: many copies of the runner at once on one file leave what a single
// one leaves. Any thread; the copies die with it.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Two races on every ground, a copy of the given file with its rows and an empty file: in the
/// first nobody reads the file before all have opened it, in the second all have read it before
/// anybody writes. Findings are those of the oracles all-succeed, data-equals-serial,
/// schema-equals-serial, set-equality and no-lock-left.
core::Result sqlite_replicas(const Context& context);

}  // namespace gauntlet::verify
