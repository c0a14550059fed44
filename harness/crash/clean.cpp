#include "harness/crash/clean.h"

#include "harness/crash/commits.h"
#include "harness/crash/fixture.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/formats/choose.h"
#include "harness/formats/folder.h"
#include "harness/observe/observe.h"
#include "harness/sql/migration_facts.h"
#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"
#include "runner/values/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::crash {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The layout of a folder that somebody else made.
const formats::Format& layout_of(const Clean::Asked& options) {
  if (const formats::Format* named = formats::find_format(options.format)) return *named;
  return *formats::choose(formats::files_of(options.migrations)).format;
}

std::vector<truth::File> files_of_listing(const runner::Listing& listing) {
  std::vector<truth::File> files;
  files.reserve(listing.migrations.size());
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
  sources.reserve(files.size());
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

/// Statements that make what no file speaks of: the runner's own tables, which are no effect of a
/// file.
void forget_own(std::vector<truth::OwnStatement>& statements, const std::string& texts) {
  std::erase_if(statements, [&](const truth::OwnStatement& own) {
    return truth::kind_of(own.sql) == truth::StatementKind::write &&
           !truth::mentions(texts, truth::target_of(own.sql));
  });
}

/// Without the sessions that sent no file: what those set holds for none.
core::History of_files_alone(const core::History& history, const std::vector<truth::File>& files) {
  std::vector<sql::Body> bodies;
  bodies.reserve(files.size());
  for (const truth::File& file : files) bodies.push_back({.name = file.name, .sql = file.sql});
  const auto origins = sql::origins_of(history, sql::Bodies(bodies));
  std::set<core::SessionId> sessions;
  for (std::size_t step = 0; step < origins.size(); ++step)
    if (std::ranges::any_of(origins[step], [](const auto& origin) { return origin.has_value(); }))
      sessions.insert(history.steps[step].step.session);
  if (sessions.empty()) return history;
  core::History kept = history;
  std::erase_if(kept.steps, [&](const core::StepRecord& record) {
    return !sessions.contains(record.step.session);
  });
  return kept;
}

}  // namespace

Clean::Clean(Asked asked, arena::Arena& arena,
             const std::function<void(std::string_view)>& progress)
    : asked_(std::move(asked)) {
  make_files();
  progress("a clean run");
  run_clean(arena);
  progress("applying the files plainly");
  prefixes.emplace(arena, Prefixes::Asked{.files = files,
                                          .sent = sent,
                                          .own_tables = own_tables,
                                          .statement_timeout = asked_.subject.timeout});
  require_clean_state();
}

std::string Clean::texts_of_files() const {
  std::string texts;
  for (const truth::File& file : files) texts.append(file.sql).append("\n");
  return texts;
}

formats::ProjectFiles Clean::files_to_write(bool concurrent) const {
  const auto texts = asked_.files == Files::data_only ? data_fixture() : fixture(concurrent);
  return {texts.begin(), texts.end()};
}

fs::path Clean::project_of_first(const arena::Database& database) {
  const fs::path folder = work_.path() / "first";
  const fs::path neutral = folder / "neutral";
  fs::path project = folder / "project";
  fs::create_directories(neutral);
  fs::create_directories(project);
  const std::string first = files.front().name.substr(0, files.front().name.find('.'));
  formats::ProjectFiles texts = files_to_write(false);
  std::erase_if(texts, [&](const auto& file) { return !file.first.starts_with(first + "."); });
  formats::write_files(texts, neutral);
  fleet::make_project(asked_.subject, database.loopback(), neutral, project);
  return project;
}

void Clean::make_files() {
  if (!asked_.migrations.empty()) {
    const formats::Format& layout = layout_of(asked_);
    const formats::Reading reading = formats::read_folder(layout, asked_.migrations);
    if (!reading.only_by_its_runner.empty())
      throw runner::Error("not-sql", reading.only_by_its_runner, asked_.migrations.string(),
                          "leave --migrations out: the built-in migrations are SQL");
    migrations = fs::absolute(asked_.migrations);
    files = files_of_listing(reading.listing);
    tool = layout.tracker;
    return;
  }
  const formats::Format* format = formats::find_format(asked_.subject.format);
  if (format != nullptr) tool = format->tracker;
  may_be_outside_ = format != nullptr && (format->marker || format->lone_statement);
}

void Clean::write_project(const arena::Database& database, bool concurrent) {
  const fs::path folder = work_.path() / (concurrent ? "concurrent" : "plain");
  const fs::path neutral = folder / "neutral";
  migrations = folder / "project";
  fs::create_directories(neutral);
  fs::create_directories(migrations);
  formats::write_files(files_to_write(concurrent), neutral);
  fleet::make_project(asked_.subject, database.loopback(), neutral, migrations);
  files =
      files_of_listing(formats::read_folder(*formats::find_format("gauntlet"), neutral).listing);
}

void Clean::run_clean(arena::Arena& on) {
  if (!asked_.migrations.empty()) return run_twice(on);
  if (asked_.files == Files::data_only) return run_twice(on, false);
  if (!may_be_outside_) {
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

void Clean::run_twice(arena::Arena& on, std::optional<bool> concurrent) {
  database_ = on.fresh("crash-clean");
  if (concurrent) write_project(*database_, *concurrent);
  const auto began = steady_clock::now();
  history = run_alone();
  if (concurrent.value_or(false)) require_all_taken();
  took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  const core::History idle = run_alone();
  const trace::Trace trace = trace::read(history, idle, sources_of(files));
  traced = trace.first;
  tracker_table = trace.tracker.table;
  own_ = truth::read_sent(history, files).own;
  sent = truth::read_sent(of_files_alone(history, files), files);
  if (!sent.not_as_written.empty()) {
    notes.push_back("the files were not sent as they are written: " + sent.not_as_written);
    sent = truth::not_watched(files);
  }
  const std::string texts = texts_of_files();
  for (auto* statements : {&sent.session_setup, &sent.transaction_setup, &sent.between_files})
    forget_own(*statements, texts);
  std::string missing;
  tracker.clean = observe::applied(database_->address(), asked_.applied_query, missing, tool);
  if (!tracker.clean) notes.push_back("its tracker is no witness: " + missing);
  own_tables = tables_of_runner(trace.tracker.table);
}

/// Throws: Error `runner-failed` where the runner goes on after an error, and ends with success.
void Clean::require_all_taken() const {
  if (const auto refused = refused_file(history, files))
    throw runner::Error("runner-failed",
                        "alone, and without any harm, the runner ended with success, although the "
                        "server refused " +
                            files[*refused].name,
                        asked_.subject.subject.name, "exit non-zero if a migration fails");
}

core::History Clean::run_alone() const {
  core::History run =
      fleet::run_on_the_wire(asked_.subject.subject, *database_, migrations, 1,
                             asked_.subject.timeout, fleet::ProcessFleet::Start::at_once);
  if (std::string why = failure_of(run, asked_.subject.subject.success_codes); !why.empty())
    throw runner::Error("runner-failed", "alone, and without any harm, the runner " + why,
                        asked_.subject.subject.name,
                        "correct the command: it must apply all migrations and end with exit 0");
  return run;
}

std::set<std::string> Clean::tables_of_runner(const std::string& traced_table) const {
  std::set<std::string> tables;
  if (!traced_table.empty()) tables.insert(traced_table);
  if (tracker.clean && asked_.applied_query.empty()) tables.insert(tracker.clean->tracker);
  const std::string texts = texts_of_files();
  for (const truth::OwnStatement& own : own_) {
    const std::string target = truth::target_of(own.sql);
    if (truth::kind_of(own.sql) == truth::StatementKind::write && !truth::mentions(texts, target))
      tables.insert(target);
  }
  return tables;
}

void Clean::require_clean_state() {
  const Place place = prefixes->place(database_->address());
  if (place.is_complete(files.size())) return;
  throw runner::Error(
      "clean-run-differs",
      fmt::format("without any harm the runner leaves something else than the files do: {}",
                  place.differs.empty() ? "" : place.differs.front().message),
      asked_.subject.subject.name, "see `gauntlet verify --checks boot` with this runner");
}

}  // namespace gauntlet::crash
