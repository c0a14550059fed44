#include "harness/crash/sweep.h"

#include "harness/crash/fixture.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/formats/choose.h"
#include "harness/formats/folder.h"
#include "harness/observe/observe.h"
#include "harness/sql/migration_facts.h"
#include "harness/trace/trace.h"
#include "harness/truth/statement_text.h"
#include "runner/values/error.h"

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::crash {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds patience_min{5'000};
constexpr int patience_factor = 10;

void write_fixture_file(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream)
    throw runner::Error("cannot-write", "a migration could not be written", file.string(),
                        "make room in the folder for temporary files");
}

/// The layout of a folder that somebody else made.
const formats::Format& layout_of(const Options& options) {
  if (const formats::Format* named = formats::find_format(options.format)) return *named;
  return *formats::choose(formats::files_of(options.migrations)).format;
}

std::vector<truth::File> files_of_listing(const runner::Listing& listing) {
  std::vector<truth::File> files;
  for (const runner::Migration& migration : listing.migrations) {
    const sql::MigrationFacts facts = sql::facts_of(migration.up);
    const bool outside = facts.directives.no_transaction ||
                         std::ranges::any_of(facts.statements, [](const auto& each) {
                           return each.needs.no_transaction.has_value();
                         });
    files.push_back({.name = migration.up.file.filename().string(),
                     .version = migration.version.number,
                     .sql = std::string(migration.up.sql()),
                     .in_transaction = !outside,
                     .by_statement = outside});
  }
  return files;
}

std::vector<trace::Source> sources_of(const std::vector<truth::File>& files) {
  std::vector<trace::Source> sources;
  for (const truth::File& file : files)
    sources.push_back({.name = fs::path(file.name).stem().stem().string(),
                       .version = fmt::format("{}", file.version),
                       .text = file.sql});
  return sources;
}

std::string failure_of(const core::History& history, const std::vector<int>& success_codes) {
  const core::Event* end = history.exit_of(0);
  if (end == nullptr) return "was not seen to end";
  if (end->exit_code && std::ranges::find(success_codes, *end->exit_code) != success_codes.end())
    return {};
  std::string said;
  if (!history.outputs.empty()) {
    said = history.outputs.front().err + history.outputs.front().out;
    constexpr std::size_t shown_max = 1'500;
    if (said.size() > shown_max) said = said.substr(said.size() - shown_max);
  }
  const std::string how = end->exit_code ? fmt::format("ended with exit {}", *end->exit_code)
                                         : "was killed when its time was over";
  return said.empty() ? how : how + ":\n" + said;
}

}  // namespace

struct Sweep::State {
  State(Options wanted, arena::Arena& on, const std::function<void(std::string_view)>& progress)
      : options(std::move(wanted)) {
    make_files();
    progress("a clean run");
    run_clean(on);
    progress("applying the files plainly");
    prefixes.emplace(on, Prefixes::Asked{.files = files,
                                         .sent = sent,
                                         .own_tables = own_tables,
                                         .statement_timeout = options.subject.timeout});
    require_clean_state();
    points = points_of(history, traced, files, options.which);
    for (const fault::Harm& harm : fault::harms()) harms.push_back(&harm);
    choose_cells();
  }

  void make_files() {
    if (!options.migrations.empty()) {
      const formats::Format& layout = layout_of(options);
      const formats::Reading reading = formats::read_folder(layout, options.migrations);
      if (!reading.only_by_its_runner.empty())
        throw runner::Error("not-sql", reading.only_by_its_runner, options.migrations.string(),
                            "leave --migrations out: the built-in migrations are SQL");
      migrations = fs::absolute(options.migrations);
      files = files_of_listing(reading.listing);
      tool = layout.tracker;
      return;
    }
    const formats::Format* format = formats::find_format(options.subject.format);
    if (format != nullptr) tool = format->tracker;
    const_fixture = format != nullptr && (format->marker || format->lone_statement);
  }

  /// The built-in files in the subject's layout.
  void write_project(const arena::Database& database, bool concurrent) {
    const fs::path folder = work.path() / (concurrent ? "concurrent" : "plain");
    const fs::path neutral = folder / "neutral";
    migrations = folder / "project";
    fs::create_directories(neutral);
    fs::create_directories(migrations);
    for (const auto& [name, text] : fixture(concurrent)) write_fixture_file(neutral / name, text);
    fleet::make_project(options.subject, database.loopback(), neutral, migrations);
    files =
        files_of_listing(formats::read_folder(*formats::find_format("gauntlet"), neutral).listing);
  }

  void run_clean(arena::Arena& on) {
    if (!options.migrations.empty()) return run_twice(on);
    if (!const_fixture) {
      notes.emplace_back(
          "a file that cannot run in a transaction was left out: its layout has no "
          "way to say so");
    } else {
      try {
        return run_twice(on, true);
      } catch (const runner::Error& error) {
        if (error.code() != "runner-failed") throw;
        notes.emplace_back(
            "a file with CREATE INDEX CONCURRENTLY was left out: the runner cannot "
            "run it");
      }
    }
    run_twice(on, false);
  }

  void run_twice(arena::Arena& on, std::optional<bool> concurrent = {}) {
    clean = on.fresh("crash-clean");
    if (concurrent) write_project(*clean, *concurrent);
    const auto began = steady_clock::now();
    history = clean_run();
    took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    const core::History idle = clean_run();
    const trace::Trace trace = trace::read(history, idle, sources_of(files));
    traced = trace.first;
    sent = truth::read_sent(history, files);
    if (!sent.not_as_written.empty()) {
      notes.push_back("the files were not sent as they are written: " + sent.not_as_written);
      sent = truth::not_watched(files);
    }
    std::string missing;
    tracker.clean = observe::applied(clean->address(), options.applied_query, missing, tool);
    if (!tracker.clean) notes.push_back("its tracker is no witness: " + missing);
    own_tables = tables_of_runner(trace.tracker.table);
  }

  core::History clean_run() const {
    core::History run =
        fleet::run_on_the_wire(options.subject.subject, *clean, migrations, 1,
                               options.subject.timeout, fleet::ProcessFleet::Start::at_once);
    if (std::string why = failure_of(run, options.subject.subject.success_codes); !why.empty())
      throw runner::Error("runner-failed", "alone, and without any harm, the runner " + why,
                          options.subject.subject.name,
                          "correct the command: it must apply all migrations and end with exit 0");
    return run;
  }

  /// What it creates and no file mentions, and its tracker.
  std::set<std::string> tables_of_runner(const std::string& traced_table) const {
    std::set<std::string> tables;
    if (!traced_table.empty()) tables.insert(traced_table);
    if (tracker.clean && options.applied_query.empty()) tables.insert(tracker.clean->tracker);
    std::string texts;
    for (const truth::File& file : files) texts.append(file.sql).append("\n");
    for (const truth::OwnStatement& own : sent.own) {
      const std::string target = truth::target_of(own.sql);
      if (truth::kind_of(own.sql) == truth::StatementKind::write && !truth::mentions(texts, target))
        tables.insert(target);
    }
    return tables;
  }

  void require_clean_state() {
    const Place place = prefixes->place(clean->address());
    if (place.is_complete(files.size())) return;
    throw runner::Error(
        "clean-run-differs",
        fmt::format("without any harm the runner leaves something else than the files do: {}",
                    place.differs.empty() ? "" : place.differs.front().message),
        options.subject.subject.name, "see `gauntlet verify --checks boot` with this runner");
  }

  void choose_cells() {
    for (std::size_t point = 0; point < points.size(); ++point)
      for (std::size_t harm = 0; harm < harms.size(); ++harm)
        if (options.only.empty() || is_wanted(point, harm)) cells.push_back({point, harm});
    if (!cells.empty()) return;
    std::vector<std::string> known;
    for (const Point& point : points) known.push_back(point.id);
    throw runner::Error("bad-only",
                        fmt::format("no cell is named {}", fmt::join(options.only, ", ")),
                        fmt::format("points of this run: {}", fmt::join(known, ", ")),
                        "give POINT:HARM, with --all where an equal point stands for it");
  }

  bool is_wanted(std::size_t point, std::size_t harm) const {
    return std::ranges::any_of(options.only, [&](const std::string& word) {
      const std::size_t colon = word.find(':');
      const std::string of = word.substr(0, colon);
      const std::string by = colon == std::string::npos ? "" : word.substr(colon + 1);
      return (of.empty() || of == points[point].id) && (by.empty() || by == harms[harm]->id);
    });
  }

  milliseconds patience() const {
    return options.patience.value_or(std::max(patience_min, patience_factor * took));
  }

  const Options options;
  fleet::WorkFolder work;
  fs::path migrations;
  std::string tool;
  bool const_fixture = false;
  std::vector<truth::File> files;
  std::unique_ptr<arena::Database> clean;
  core::History history;
  trace::TracedRun traced;
  truth::Sent sent;
  std::set<std::string> own_tables;
  Tracker tracker;
  milliseconds took{0};
  mutable std::optional<Prefixes> prefixes;
  std::vector<Point> points;
  std::vector<const fault::Harm*> harms;
  std::vector<Cell> cells;
  std::vector<std::string> notes;
};

Sweep::Sweep(Options options, arena::Arena& arena,
             const std::function<void(std::string_view)>& progress)
    : state_(std::make_unique<State>(std::move(options), arena, progress)) {}
Sweep::~Sweep() = default;

const std::vector<Point>& Sweep::points() const { return state_->points; }
const std::vector<const fault::Harm*>& Sweep::harms() const { return state_->harms; }
const std::vector<Cell>& Sweep::cells() const { return state_->cells; }
const std::vector<truth::File>& Sweep::files() const { return state_->files; }
const std::vector<std::string>& Sweep::notes() const { return state_->notes; }
const std::string& Sweep::subject() const { return state_->options.subject.subject.name; }
milliseconds Sweep::patience() const { return state_->patience(); }

CellResult Sweep::run(const Cell& cell, arena::Arena& arena) const {
  const auto began = steady_clock::now();
  const Point& point = state_->points[cell.point];
  const CellAsked asked{.arena = arena,
                        .subject = state_->options.subject.subject,
                        .migrations = state_->migrations,
                        .prefixes = *state_->prefixes,
                        .files = state_->files.size(),
                        .applied_query = state_->options.applied_query,
                        .tool = state_->tool,
                        .patience = state_->patience()};
  const CellSeen seen = run_cell(asked, point, *state_->harms[cell.harm]);
  return {.cell = cell,
          .judged = judge(seen, state_->files, state_->tracker),
          .was_running = seen.was_running,
          .seconds = steady_clock::now() - began};
}

}  // namespace gauntlet::crash
