#include "harness/fault/fault.h"

#include <fmt/format.h>

namespace gauntlet::fault {

namespace {

bool fits(const Fault& fault, const core::Step& step) {
  if (fault.replica && *fault.replica != step.session.replica) return false;
  // Where a client prepares differs by its library's version: only another text is told there.
  const bool rewrites = fault.ruling.what == core::Ruling::What::rewrite;
  if (step.kind == core::Step::Kind::prepare && !rewrites) return false;
  return fault.sql_has.empty() || step.sql.find(fault.sql_has) != std::string::npos;
}

}  // namespace

std::string Fault::text() const {
  const std::string who = replica ? fmt::format("replica {}", *replica) : "any replica";
  const std::string what = sql_has.empty() ? "" : fmt::format(" that says `{}`", sql_has);
  return fmt::format("{}, step {}{}: {}", who, skip + 1, what, core::to_string(ruling.what));
}

Plan::Plan(std::vector<Fault> faults) {
  armed_.reserve(faults.size());
  for (Fault& fault : faults) armed_.push_back({.fault = std::move(fault)});
}

core::Ruling Plan::rule(const core::Step& step) {
  core::Ruling ruling;
  for (Armed& armed : armed_) {
    if (!fits(armed.fault, step) || armed.seen++ != armed.fault.skip || armed.fired) continue;
    if (ruling.what != core::Ruling::What::proceed) {
      --armed.seen;  // one harm a step: this one waits for the next that fits
      continue;
    }
    armed.fired = true;
    ruling = armed.fault.ruling;
  }
  return ruling;
}

std::vector<Fault> Plan::unfired() const {
  std::vector<Fault> left;
  for (const Armed& armed : armed_)
    if (!armed.fired) left.push_back(armed.fault);
  return left;
}

std::vector<Fault> sweep(const core::History& clean, std::size_t replica,
                         const core::Ruling& ruling) {
  std::vector<Fault> faults;
  for (const core::StepRecord& record : clean.steps) {
    if (record.step.session.replica != replica) continue;
    if (record.step.kind == core::Step::Kind::prepare) continue;
    faults.push_back({.replica = replica, .skip = faults.size(), .ruling = ruling});
  }
  return faults;
}

}  // namespace gauntlet::fault
