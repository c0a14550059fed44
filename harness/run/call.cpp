#include "harness/run/call.h"

#include "harness/fleet/threads.h"
#include "harness/mutant/direction.h"
#include "runner/inspect.h"
#include "runner/repair.h"

#include <utility>

namespace gauntlet::run {

namespace {

using scenario::Action;

class Act {
 public:
  Act(const scenario::Call& call, const runner::Listing& listing, const mutant::Mutant* mutant,
      runner::SessionSource& sessions, const runner::RunOptions& options,
      const runner::Observer& observer)
      : call_(call),
        listing_(listing),
        mutant_(mutant),
        sessions_(sessions),
        options_(options),
        observer_(observer) {}

  void run(Action action) {
    switch (action) {
      case Action::up:
        return up();
      case Action::down:
        return down();
      case Action::status:
        runner::inspect(*one_session(), listing_, options_.tracker);
        return;
      case Action::check:
        return check();
      case Action::plan:
        runner::preview(*one_session(), listing_, options_);
        return;
      case Action::accept:
        return runner::accept(sessions_, listing_, version(), options_);
      case Action::resume:
        return runner::resume(sessions_, listing_, version(), {}, options_);
      case Action::forget:
        return runner::forget(sessions_, listing_, version(), options_);
    }
  }

 private:
  void up() {
    warn();
    if (mutant_ != nullptr && mutant_->up != nullptr) {
      mutant_->up(sessions_, listing_, options_);
    } else {
      runner::up(sessions_, listing_, options_, observer_);
    }
  }

  // As the program does with a folder.
  void warn() {
    if (!observer_) return;
    for (const runner::Problem& problem : listing_.problems) {
      if (problem.severity == runner::Problem::Severity::warning)
        observer_(runner::Warned{problem.message});
    }
  }

  void down() {
    using runner::DownAmount;
    const auto kind = call_.amount == 0 ? DownAmount::Kind::all : DownAmount::Kind::steps;
    runner::down(sessions_, listing_, {.kind = kind, .value = call_.amount}, options_);
  }

  // As an application does that offers it: the code tells.
  void check() {
    const runner::Check check = runner::check(sessions_, listing_, options_.tracker);
    if (check.exit_code != 0) throw fleet::ExitWith{check.exit_code};
  }

  mutant::SessionPtr one_session() { return sessions_.acquire(options_.session_patience); }
  runner::Version version() const { return {call_.amount}; }

  const scenario::Call& call_;
  const runner::Listing& listing_;
  const mutant::Mutant* mutant_;
  runner::SessionSource& sessions_;
  const runner::RunOptions& options_;
  const runner::Observer& observer_;
};

Action action_of(const scenario::Stage& stage, const scenario::Call& call,
                 const mutant::Mutant* mutant) {
  if (!stage.direction) return call.action;
  const bool other = mutant != nullptr && mutant->direction != nullptr;
  const runner::Direction direction =
      other ? mutant->direction(*stage.direction) : mutant::parse_direction(*stage.direction);
  return direction == runner::Direction::up ? Action::up : Action::down;
}

}  // namespace

runner::Listing known_to(const scenario::Call& call, const runner::Listing& listing) {
  runner::Listing known = listing;
  if (call.knows_up_to == 0) return known;
  std::erase_if(known.migrations, [&](const runner::Migration& migration) {
    return migration.version.number > call.knows_up_to;
  });
  return known;
}

void act(const scenario::Stage& stage, const scenario::Call& call, const runner::Listing& listing,
         const mutant::Mutant* mutant, runner::SessionSource& sessions,
         runner::SessionSource& direct, runner::RunOptions options,
         const runner::Observer& observer) {
  const Action action = action_of(stage, call, mutant);
  runner::Listing known = known_to(call, listing);
  if (mutant == nullptr) {
    Act(call, known, nullptr, sessions, options, observer).run(action);
    return;
  }
  if (mutant->options != nullptr) mutant->options(options);
  mutant::MutantSource mutated(sessions, *mutant, options);
  if (mutant->listing != nullptr) {
    const auto session = direct.acquire(options.session_patience);
    mutant->listing(known, *session);
  }
  Act(call, known, mutant, mutated, options, observer).run(action);
}

}  // namespace gauntlet::run
