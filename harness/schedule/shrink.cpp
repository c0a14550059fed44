#include "harness/schedule/shrink.h"

#include "harness/explore/bounded.h"

#include <algorithm>

namespace gauntlet::schedule {

namespace {

bool share_a_finding(const core::Judgement& one, const core::Judgement& other) {
  return std::ranges::any_of(one.findings, [&](const core::Finding& finding) {
    return std::ranges::any_of(other.findings, [&](const core::Finding& each) {
      return each.id == finding.id && each.severity == core::Severity::violation;
    });
  });
}

class Shrinking {
 public:
  Shrinking(const scenario::Scenario& scenario, const ExploredSubject& subject, arena::Arena& arena,
            const Ran& found, const ShrinkLimits& limits)
      : scenario_(scenario), subject_(subject), arena_(arena), found_(found), limits_(limits) {}

  std::optional<Shrunk> shrink(const TrialOptions& options) {
    const std::size_t files = migrations_in(trial_of(scenario_, options));
    for (std::size_t replicas = 2; replicas <= options.replicas; ++replicas) {
      for (std::size_t first = 1; first <= files; ++first) {
        if (replicas == options.replicas && first == files) return std::nullopt;
        if (limits_.is_interrupted && limits_.is_interrupted()) return std::nullopt;
        TrialOptions smaller = options;
        smaller.replicas = replicas;
        smaller.first_files = first;
        if (auto shrunk = try_with(smaller)) return shrunk;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Shrunk> try_with(const TrialOptions& options) const {
    auto trial = std::make_unique<Trial>(trial_of(scenario_, options));
    if (!trial->objection.empty()) return std::nullopt;
    try {
      Explorer explorer(*trial, subject_, arena_);
      explore::Bounded bounded(explore::preemptions_in(found_.seen.moments));
      SearchResult result = explorer.search(bounded, {.schedules_max = limits_.schedules_max,
                                                      .time = limits_.time,
                                                      .is_interrupted = limits_.is_interrupted});
      if (!result.violation ||
          !share_a_finding(result.violation->judged.judgement, found_.judged.judgement))
        return std::nullopt;
      return Shrunk{
          .options = options, .trial = std::move(trial), .ran = *std::move(result.violation)};
    } catch (const runner::Error& error) {
      // Fewer files may not apply even alone.
      if (error.code() != "no-serial-run") throw;
      return std::nullopt;
    }
  }

  const scenario::Scenario& scenario_;
  const ExploredSubject& subject_;
  arena::Arena& arena_;
  const Ran& found_;
  const ShrinkLimits& limits_;
};

}  // namespace

std::size_t migrations_in(const Trial& trial) {
  return static_cast<std::size_t>(std::ranges::count_if(
      trial.stage().files,
      [](const scenario::File& file) { return file.name.find(".down.") == std::string::npos; }));
}

std::optional<Shrunk> shrink(const scenario::Scenario& scenario, const TrialOptions& options,
                             const ExploredSubject& subject, arena::Arena& arena, const Ran& found,
                             const ShrinkLimits& limits) {
  return Shrinking(scenario, subject, arena, found, limits).shrink(options);
}

}  // namespace gauntlet::schedule
