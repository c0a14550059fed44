#include "harness/crash/outcome.h"

#include "harness/crash/commits.h"
#include "harness/crash/words.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::crash {

namespace {

/// `002_interest.up.sql`, `003 and 2 more`: the files after the first `from`.
std::string files_after(std::size_t from, const std::vector<truth::File>& files) {
  const std::size_t more = files.size() - from - 1;
  return more == 0 ? files[from].name : fmt::format("{} and {} more", files[from].name, more);
}

std::string ending(const RunSeen& run) {
  if (run.was_ended) return "was still running when its time was over";
  if (run.exit_code) return fmt::format("ended with exit {}", *run.exit_code);
  return "was killed";
}

/// The first sentence of what differs; of a list of differences, with the first of them.
std::string difference_of(const Place& place) {
  if (place.differs.empty()) return "nothing differs";
  constexpr std::string_view legend = " (- the files, + here):\n";
  constexpr std::size_t shown_max = 120;
  const std::string& text = place.differs.front().message;
  const std::size_t at = text.find(legend);
  if (at == std::string::npos) return text.substr(0, text.find('\n'));
  const std::size_t from = text.find_first_not_of(' ', at + legend.size());
  if (from == std::string::npos) return text.substr(0, at);
  return fmt::format("{}, the first of them: {}", text.substr(0, at),
                     text.substr(from, std::min(text.find('\n', from) - from, shown_max)));
}

class Judging {
 public:
  Judging(const CellSeen& seen, const std::vector<truth::File>& files, const Tracker& tracker)
      : seen_(seen), files_(files), recorded_(recorded(tracker, seen.applied, files)) {}

  Judged run() const {
    if (!seen_.fired)
      return {Outcome::not_done, "the step did not come in this run: nothing was harmed"};
    if (const auto twice = applied_twice()) return *twice;
    if (const auto early = early_success()) return *early;
    return seen_.last.ok ? of_success() : of_stop();
  }

 private:
  /// A run that ended with exit 0 although not everything was there then.
  std::optional<Judged> early_success() const {
    for (const auto& [run, name] :
         {std::pair{&seen_.harmed, "the harmed run"}, std::pair{&seen_.rerun, beside()}}) {
      if (!run->after || run->after->is_complete(files_.size()) || is_twice(*run->after)) continue;
      return Judged{Outcome::lost,
                    fmt::format("{} ended with exit 0 before {} was there: {}", name,
                                missing_of(*run->after), difference_of(*run->after))};
    }
    return std::nullopt;
  }

  const char* beside() const { return seen_.has_second ? "the second replica" : "the rerun"; }

  std::string missing_of(const Place& place) const {
    return place.files ? files_after(*place.files, files_) : "everything that the files leave";
  }

  static bool is_twice(const Place& place) {
    return !place.files && std::ranges::any_of(place.differs, [](const core::Finding& finding) {
      return finding.id == "rows-added";
    });
  }

  std::optional<Judged> applied_twice() const {
    if (seen_.after.files) return std::nullopt;
    const std::vector<std::size_t> times =
        times_committed({&seen_.harmed.history, &seen_.rerun.history, &seen_.last.history}, files_);
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (times[file] < 2) continue;
      return Judged{Outcome::applied_twice,
                    fmt::format("{} was executed {} times (seen on the wire), and {} (seen in the "
                                "database)",
                                files_[file].name, times[file], difference_of(seen_.after))};
    }
    if (!is_twice(seen_.after)) return std::nullopt;
    return Judged{Outcome::applied_twice,
                  fmt::format("{} (seen in the database)", difference_of(seen_.after))};
  }

  Judged of_success() const {
    const std::size_t all = files_.size();
    if (!seen_.after.is_complete(all)) {
      return {Outcome::lost,
              fmt::format("the last run ended with success without {} being there: {}",
                          missing_of(seen_.after), difference_of(seen_.after))};
    }
    if (!recorded_.strange.empty())
      return {Outcome::recorded_wrongly, "everything is there, and " + recorded_.strange};
    if (recorded_.is_dirty)
      return {Outcome::recorded_wrongly,
              "everything is there, and the tracker still has a mark of a failed migration"};
    if (recorded_.files && *recorded_.files != all) {
      return {Outcome::recorded_wrongly,
              fmt::format("everything is there, and the tracker has {} of {} migrations",
                          *recorded_.files, all)};
    }
    if (seen_.has_second && seen_.rerun.was_ended)
      return {Outcome::stopped_silently,
              "everything is there, and the second replica, which waited while the first was "
              "harmed, was still running when its time was over"};
    return {Outcome::converged, "the rerun converged"};
  }

  Judged of_stop() const {
    if (const auto wrong = tracker_is_wrong()) return *wrong;
    if (const auto wrong = does_not_know()) return *wrong;
    const std::string said = seen_.rerun.said() + "\n" + seen_.last.said();
    const std::string how = fmt::format("the last run {}, and said: {}", ending(seen_.last),
                                        last_words(seen_.last.said()));
    if (!seen_.last.was_ended && says_what_to_do(said, files_))
      return {Outcome::stopped_and_said, how};
    return {Outcome::stopped_silently, how};
  }

  /// Of files that run in a transaction: body and record are there both, or neither is.
  std::optional<Judged> tracker_is_wrong() const {
    if (recorded_.is_dirty || !recorded_.files) return std::nullopt;
    const std::size_t known = *recorded_.files;
    if (seen_.after.files) {
      const std::size_t there = *seen_.after.files;
      if (known > there)
        return Judged{Outcome::lost, fmt::format("{} is recorded, and not there: {}",
                                                 files_[there].name, difference_of(seen_.after))};
      if (known < there && files_[known].in_transaction)
        return Judged{
            Outcome::recorded_wrongly,
            fmt::format("{} has had its effects and is not recorded: the last run {}: {}",
                        files_[known].name, ending(seen_.last), last_words(seen_.last.said()))};
      return std::nullopt;
    }
    // Part of a file is there: of one that runs in a transaction that cannot be.
    if (known >= files_.size() || !files_[known].in_transaction) return std::nullopt;
    return Judged{Outcome::recorded_wrongly,
                  fmt::format("{} has had some of its effects and is not recorded: {}",
                              files_[known].name, difference_of(seen_.after))};
  }

  /// What needs no tracker to be read: the server refused a file in the last run that has had its
  /// effects already, or, in one of both reruns, a file whose predecessor is not there.
  std::optional<Judged> does_not_know() const {
    if (!seen_.after.files) return std::nullopt;
    const std::size_t there = *seen_.after.files;
    for (const RunSeen* run : {&seen_.last, &seen_.rerun}) {
      const auto refused = refused_file(run->history, files_);
      if (refused && *refused > there)
        return Judged{
            Outcome::lost,
            fmt::format("the runner went on to {} (seen on the wire), and {} is not there "
                        "(seen in the database): {}",
                        files_[*refused].name, files_[there].name, difference_of(seen_.after))};
    }
    const auto refused = refused_file(seen_.last.history, files_);
    if (!refused || *refused == there || !files_[*refused].in_transaction) return std::nullopt;
    return Judged{
        Outcome::recorded_wrongly,
        fmt::format("{} has had its effects (seen in the database), and the runner ran it "
                    "again (seen on the wire): {}",
                    files_[*refused].name, last_words(seen_.last.said()))};
  }

  const CellSeen& seen_;
  const std::vector<truth::File>& files_;
  const Recorded recorded_;
};

Recorded recorded_newest(const core::Applied& clean, const core::Applied& now,
                         const std::vector<truth::File>& files) {
  Recorded recorded{.is_dirty = now.dirty};
  if (clean.rows.size() != 1 || clean.rows.front().version != files.back().version) return {};
  if (now.rows.empty()) {
    recorded.files = 0;
    return recorded;
  }
  for (std::size_t file = 0; file < files.size(); ++file)
    if (files[file].version == now.rows.front().version) recorded.files = file + 1;
  return recorded;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  constexpr std::string_view words[] = {"converged",        "stopped-and-said-what-to-do",
                                        "stopped-silently", "recorded-wrongly",
                                        "applied-twice",    "lost",
                                        "not-done"};
  return words[static_cast<std::size_t>(outcome)];
}

Recorded recorded(const Tracker& tracker, const std::optional<core::Applied>& now,
                  const std::vector<truth::File>& files) {
  if (!tracker.clean) return {};
  if (!now) return {};
  if (tracker.clean->only_newest) return recorded_newest(*tracker.clean, *now, files);
  std::vector<core::AppliedRow> expected = tracker.clean->rows, rows = now->rows;
  if (expected.size() != files.size()) return {};
  std::ranges::sort(expected);
  std::ranges::sort(rows);
  Recorded recorded{.is_dirty = now->dirty};
  const auto twice = std::ranges::adjacent_find(rows);
  if (twice != rows.end()) {
    recorded.strange = fmt::format("version {} is recorded twice", twice->version);
    return recorded;
  }
  if (rows.size() <= expected.size() && std::equal(rows.begin(), rows.end(), expected.begin())) {
    recorded.files = rows.size();
  } else {
    recorded.strange =
        fmt::format("the tracker has {} rows that a clean run does not leave", rows.size());
  }
  return recorded;
}

Judged judge(const CellSeen& seen, const std::vector<truth::File>& files, const Tracker& tracker) {
  return Judging(seen, files, tracker).run();
}

}  // namespace gauntlet::crash
