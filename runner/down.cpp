#include "runner/apply.h"
#include "runner/apply/decide_delivery.h"
#include "runner/apply/lock_retry.h"
#include "runner/apply/outside.h"
#include "runner/turn/turn.h"
#include "runner/values/elapsed.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

void refuse_amount(DownAmount amount) {
  if (amount.kind == DownAmount::Kind::steps && amount.value < 1) {
    throw Error("bad-amount", fmt::format("{} steps down are none", amount.value), {},
                "say --steps 1 or more, --to VERSION, or --all");
  }
}

Error without_down(const Migration& migration) {
  return {
      "no-down", fmt::format("migration {} has no down, and nothing ran", to_string(migration)),
      migration.where(),
      "write its down file, or stop above it: --to " + std::to_string(migration.version.number)};
}

class Descent {
 public:
  Descent(const Listing& listing, DownAmount amount, const RunOptions& options, Turn& turn)
      : listing_(listing), amount_(amount), options_(options), turn_(turn) {}

  std::vector<Version> down() {
    choose();
    if (take_turn()) {
      run();
    } else {
      turn_.tell(RunStarted{0, Direction::down});
    }
    turn_.tell(RunFinished{gone_.size(), elapsed_since(start_), Direction::down});
    return std::move(gone_);
  }

 private:
  // False: there is nothing to roll back, or others did it.
  bool take_turn() {
    while (!chosen_.empty()) {
      const Turn::Tried tried = turn_.try_take("true");
      if (tried == Turn::Tried::ours) return true;
      choose();
      if (tried == Turn::Tried::others && !chosen_.empty()) turn_.wait();
    }
    return false;
  }

  // What is applied and on disk, descending; the amount counts from the highest.
  void choose() {
    std::vector<const Migration*> applied;
    bool to_exists = amount_.value == 0;
    for (const AppliedRow& row : turn_.reading().applied.rows) {
      to_exists = to_exists || row.version.number == amount_.value;
      const auto found = std::ranges::find(listing_.migrations, row.version, &Migration::version);
      if (found != listing_.migrations.end()) applied.push_back(&*found);
    }
    if (amount_.kind == DownAmount::Kind::to && !to_exists) throw unknown_target();
    std::ranges::sort(applied, std::greater{}, &Migration::version);
    std::erase_if(applied, [this](const Migration* migration) {
      return amount_.kind == DownAmount::Kind::to && migration->version.number <= amount_.value;
    });
    if (amount_.kind == DownAmount::Kind::steps) {
      applied.resize(std::min(applied.size(), static_cast<std::size_t>(amount_.value)));
    }
    for (const Migration* migration : applied) {
      if (!migration->has_down()) throw without_down(*migration);
    }
    chosen_ = std::move(applied);
  }

  Error unknown_target() const {
    return {"unknown-version", fmt::format("version {} is not applied", amount_.value),
            "tracker " + turn_.tracker().quoted(),
            "name an applied version to stop at, 0 for none, or --all"};
  }

  void run() {
    turn_.make_ours();
    turn_.wait_for_owners_of_marks();
    choose();
    refuse_in_progress(applying_of(turn_), listing_.migrations);
    run_all();
  }

  void run_all() {
    std::map<Version, Delivery> deliveries;
    for (const Migration* migration : chosen_) {
      deliveries[migration->version] = delivery_of(*migration, options_.no_transaction,
                                                   Direction::down, turn_.session().dialect());
    }
    turn_.tell(RunStarted{chosen_.size(), Direction::down});
    for (std::size_t index = 0; index < chosen_.size(); ++index) {
      turn_.refuse_if_interrupted(fmt::format("{} were rolled back", gone_.size()));
      const bool last = index + 1 == chosen_.size();
      run_one({.migration = chosen_[index],
               .direction = Direction::down,
               .delivery = deliveries.at(chosen_[index]->version),
               .rank = last ? Task::Rank::last : Task::Rank::more_follow},
              index);
    }
  }

  void run_one(const Task& task, std::size_t index) {
    const Migration& migration = *task.migration;
    turn_.tell(MigrationStarted{migration.version, migration.name, index + 1, chosen_.size()});
    const auto began = steady_clock::now();
    while (true) {
      try {
        apply_with_retries(applying_of(turn_), task);
        break;
      } catch (const NotOurTurn& other) {
        if (other.why() == NotOurTurn::Why::done) return;
        turn_.wait_and_look();
        turn_.wait_for_owners_of_marks();
        refuse_in_progress(applying_of(turn_), listing_.migrations);
      } catch (const SqlError& error) {
        throw SqlError(with_what_stayed(error), error.said(), error.statements_completed());
      } catch (const Error& error) {
        throw with_what_stayed(error);
      }
    }
    gone_.push_back(migration.version);
    turn_.tell(MigrationFinished{migration.version, migration.name, elapsed_since(began),
                                 Direction::down});
  }

  // Which of the versions that were to go are gone, and which are not.
  Error with_what_stayed(const Error& error) const {
    if (chosen_.size() < 2) return error;
    std::string gone;
    std::string stayed;
    for (const Migration* migration : chosen_) {
      const bool is_gone = std::ranges::find(gone_, migration->version) != gone_.end();
      std::string& list = is_gone ? gone : stayed;
      list += (list.empty() ? "" : ", ") + std::to_string(migration->version.number);
    }
    return {
        error.code(), error.message(),
        fmt::format("{}\n         rolled back before: {}; still applied of what was asked for: {}",
                    error.where(), gone.empty() ? "none" : gone, stayed),
        error.fix()};
  }

  const Listing& listing_;
  DownAmount amount_;
  const RunOptions& options_;
  Turn& turn_;
  std::vector<const Migration*> chosen_;
  std::vector<Version> gone_;
  steady_clock::time_point start_ = steady_clock::now();
};

}  // namespace

std::vector<Version> down(SessionSource& sessions, const Listing& listing, DownAmount amount,
                          const RunOptions& options, const Observer& observer) {
  refuse_amount(amount);
  std::vector<Version> gone;
  with_turn(sessions, listing, options, observer, [&](Turn& turn) {
    turn.begin();
    gone = Descent(listing, amount, options, turn).down();
  });
  return gone;
}

}  // namespace gauntlet::runner
