#include "harness/crash/sweep.h"

#include "harness/crash/clean.h"
#include "harness/sql/advisory_calls.h"
#include "runner/values/error.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::crash {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Many runners wait ten seconds for a lock, and then say whose it is.
constexpr milliseconds patience_min{15'000};
constexpr int patience_factor = 10;

}  // namespace

struct Sweep::State {
  State(Options wanted, arena::Arena& on, const std::function<void(std::string_view)>& progress)
      : options(std::move(wanted)),
        clean({.subject = options.subject,
               .migrations = options.migrations,
               .format = options.format,
               .applied_query = options.applied_query},
              on, progress),
        points(points_of(clean.history, clean.traced, clean.files, options.which)) {
    choose_harms();
    choose_cells();
  }

  void choose_harms() {
    for (const fault::Harm& harm : fault::harms())
      if (is_asked(harm)) harms.push_back(harm);
    for (const auto* words : {&options.harms, &options.only}) {
      for (const std::string& word : *words) {
        const auto harm = fault::find_harm(word.substr(word.find(':') + 1));
        if (harm && std::ranges::find(harms, harm->id, &fault::Harm::id) == harms.end())
          harms.push_back(*harm);
      }
    }
  }

  void choose_cells() {
    for (std::size_t point = 0; point < points.size(); ++point)
      for (std::size_t harm = 0; harm < harms.size(); ++harm)
        if (is_wanted(point, harm)) cells.push_back({point, harm});
    if (!cells.empty()) return;
    std::vector<std::string> known;
    for (const Point& point : points) known.push_back(point.id);
    throw runner::Error("bad-only",
                        fmt::format("no cell is named {}", fmt::join(options.only, ", ")),
                        fmt::format("points of this run: {}", fmt::join(known, ", ")),
                        "give POINT:HARM, with --all where an equal point stands for it");
  }

  bool is_asked(const fault::Harm& harm) const {
    const auto names_it = [&](const std::string& word) {
      return word == harm.id || word.ends_with(":" + harm.id);
    };
    if (std::ranges::any_of(options.only, names_it)) return true;
    if (options.server_faults && harm.stops_server()) return true;
    return options.harms.empty() ? harm.is_swept : std::ranges::any_of(options.harms, names_it);
  }

  /// Only a release of an advisory lock can be denied.
  bool is_possible(std::size_t point, std::size_t harm) const {
    if (harms[harm].what != fault::Harm::What::deny_unlock) return true;
    return std::ranges::any_of(points[point].statements, [](const std::string& statement) {
      const auto calls = sql::advisory_calls(statement);
      return std::ranges::any_of(calls, [](const auto& call) { return call.releases(); });
    });
  }

  bool is_wanted(std::size_t point, std::size_t harm) const {
    if (!is_possible(point, harm)) return false;
    if (options.only.empty()) return true;
    return std::ranges::any_of(options.only, [&](const std::string& word) {
      const std::size_t colon = word.find(':');
      const std::string of = word.substr(0, colon);
      const std::string by = colon == std::string::npos ? "" : word.substr(colon + 1);
      return (of.empty() || of == points[point].id) && (by.empty() || by == harms[harm].id);
    });
  }

  /// What is committed must be on disk before the reply, as in production.
  std::unique_ptr<arena::Arena> open_server() const {
    arena::ArenaOptions own{.server = options.server};
    own.server.settings.emplace("synchronous_commit", "on");
    return arena::open("ephemeral", own);
  }

  bool is_done(const Place& place, const std::optional<core::Applied>& now) const {
    const Recorded known = recorded(clean.tracker, now, clean.files);
    const std::size_t all = clean.files.size();
    return place.is_complete(all) && known.files == all && !known.is_dirty && known.strange.empty();
  }

  milliseconds patience() const {
    return options.patience.value_or(std::max(patience_min, patience_factor * clean.took));
  }

  const Options options;
  Clean clean;
  std::vector<Point> points;
  std::vector<fault::Harm> harms;
  std::vector<Cell> cells;
};

Sweep::Sweep(Options options, arena::Arena& arena,
             const std::function<void(std::string_view)>& progress)
    : state_(std::make_unique<State>(std::move(options), arena, progress)) {}
Sweep::~Sweep() = default;

const std::vector<Point>& Sweep::points() const { return state_->points; }
const std::vector<fault::Harm>& Sweep::harms() const { return state_->harms; }
const std::vector<Cell>& Sweep::cells() const { return state_->cells; }
const std::vector<truth::File>& Sweep::files() const { return state_->clean.files; }
const std::vector<std::string>& Sweep::notes() const { return state_->clean.notes; }
const std::string& Sweep::subject() const { return state_->options.subject.subject.name; }
milliseconds Sweep::patience() const { return state_->patience(); }

CellResult Sweep::run(const Cell& cell, arena::Arena& arena) const {
  const auto began = steady_clock::now();
  const Point& point = state_->points[cell.point];
  const fault::Harm& harm = state_->harms[cell.harm];
  const auto own = harm.stops_server() ? state_->open_server() : nullptr;
  const CellAsked asked{.arena = own ? *own : arena,
                        .subject = state_->options.subject.subject,
                        .migrations = state_->clean.migrations,
                        .prefixes = *state_->clean.prefixes,
                        .files = state_->clean.files.size(),
                        .replicas = state_->options.replicas,
                        .applied_query = state_->options.applied_query,
                        .tool = state_->clean.tool,
                        .is_done =
                            [this](const Place& place, const std::optional<core::Applied>& now) {
                              return state_->is_done(place, now);
                            },
                        .patience = state_->patience()};
  const CellSeen seen = run_cell(asked, point, harm);
  return {.cell = cell,
          .judged = judge(seen, state_->clean.files, state_->clean.tracker),
          .was_running = seen.was_running,
          .seconds = steady_clock::now() - began};
}

}  // namespace gauntlet::crash
