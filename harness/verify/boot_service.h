// The user's service, started for real on a fresh database: it must say that it is ready only once
// its migrations are applied, and end when it is told to. Any thread; the service dies with it.
#pragma once

#include "harness/core/verdict.h"
#include "harness/verify/check.h"

#include <chrono>
#include <string>
#include <vector>

namespace gauntlet::verify {

struct ServiceOutcome {
  core::Judgement judgement;
  std::vector<std::string> notes;
};

/// Starts `options.service` and asks `options.health_url` until 200 or `options.boot_deadline`.
/// Findings: `never-ready`, `exited-before-ready`, `ready-before-migrated`, `ignores-sigterm`.
/// Throws: Error (`bad-command`, `bad-ready-url`, `unknown-placeholder`, `cannot-start`, `no-door`
/// …).
ServiceOutcome start_service(const Context& context, std::chrono::milliseconds sigterm_patience);

}  // namespace gauntlet::verify
