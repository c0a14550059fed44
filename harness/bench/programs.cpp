#include "harness/bench/programs.h"

#include "harness/bench/judge.h"
#include "harness/bench/storm.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/formats/folder.h"
#include "runner/values/error.h"

#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds floor_patience{60'000};

/// gauntlet-bare of this installation, which lies beside this program.
fs::path bare_program_file() {
  std::error_code ignored;
  const fs::path self = fs::read_symlink("/proc/self/exe", ignored);
  fs::path file = self.parent_path() / "gauntlet-bare";
  if (access(file.c_str(), X_OK) == 0) return file;
  throw runner::Error("no-floor", "gauntlet-bare does not lie beside this program", self.string(),
                      "build or install it, too: it is what everything is compared with");
}

class Program : public Contender {
 public:
  Program(fleet::SubjectFile subject, Role role, Field& field)
      : subject_(std::move(subject)), role_(role), field_(field) {}

  std::string name() const override { return subject_.subject.name; }
  Role role() const override { return role_; }

  Seen run(const Cell& cell) override {
    const arena::Database& database = database_for(cell);
    const arena::FleetConditions conditions(database, {.replicas = cell.replicas});
    field_.await_quiet(database);
    const arena::Address address = field_.reach(database, cell.round_trip_ms);
    const auto server_before = field_.server_cpu_ms();
    const StormSeen seen = storm(commands(cell, address), subject_.timeout);
    field_.await_quiet(database);
    const auto server_after = field_.server_cpu_ms();
    Seen told{.makespan_ms = seen.makespan_ms,
              .client_cpu_ms = seen.cpu_ms,
              .judgement =
                  judge_endings(seen.copies, subject_.subject.success_codes, address, conditions)};
    if (server_before && server_after) told.server_cpu_ms = *server_after - *server_before;
    for (const Left& left : seen.copies) {
      if (left.after_ms) told.waits_ms.push_back(*left.after_ms);
      told.has_ended = told.has_ended && left.after_ms.has_value();
    }
    core::merge(told.judgement, judge_database(cell, database));
    return told;
  }

  std::optional<core::History> record(const Cell& cell) override {
    const arena::Database& database = database_for(cell);
    field_.await_quiet(database);
    return fleet::run_on_the_wire(subject_.subject, database, project_for(cell), cell.replicas,
                                  subject_.timeout);
  }

 protected:
  /// The one that the cell's next fleet is let loose on.
  virtual const arena::Database& database_for(const Cell& cell) = 0;
  virtual core::Judgement judge_database(const Cell& cell, const arena::Database& database) = 0;
  virtual fs::path project_for(const Cell& cell) = 0;

  Field& field() { return field_; }
  const fleet::SubjectFile& subject() const { return subject_; }

 private:
  std::vector<process::Command> commands(const Cell& cell, const arena::Address& address) {
    work_folders_.clear();
    std::vector<process::Command> all;
    for (std::size_t copy = 0; copy < cell.replicas; ++copy) {
      const fs::path& work = work_folders_.emplace_back().path();
      all.push_back(fleet::command_of(subject_.subject, address,
                                      fleet::placeholder_values(address, project_for(cell), work)));
    }
    return all;
  }

  fleet::SubjectFile subject_;
  Role role_;
  Field& field_;
  std::deque<fleet::WorkFolder> work_folders_ = {};
};

class RunnerProgram final : public Program {
 public:
  RunnerProgram(const fleet::SubjectFile& file, Role role, Field& where,
                const std::vector<Work>& works)
      : Program(file, role, where), works_(works) {
    const auto database = where.fresh();
    for (const Work& work : works) {
      const fs::path project = projects_.path() / std::to_string(by_load_.size());
      fs::create_directory(project);
      fleet::make_project(file, database->loopback(), work.migrations, project);
      by_load_[work.load] = project;
    }
  }

 protected:
  const arena::Database& database_for(const Cell& cell) override {
    const Work& work = work_of(cell);
    if (!work.is_done_before) return *(current_ = field().fresh());
    auto& database = migrated_[work.load];
    if (!database) {
      database = field().fresh();
      migrate(work, *database);
    }
    return *database;
  }

  core::Judgement judge_database(const Cell& cell, const arena::Database& database) override {
    return judge_applied(work_of(cell), database.address(), subject().applied_query);
  }

  fs::path project_for(const Cell& cell) override { return by_load_.at(cell.load); }

 private:
  const Work& work_of(const Cell& cell) const {
    return *std::ranges::find(works_, cell.load, &Work::load);
  }

  void migrate(const Work& work, const arena::Database& database) {
    const core::History history =
        fleet::run_once(subject().subject, database, by_load_.at(work.load), subject().timeout);
    const core::Event* end = history.exit_of(0);
    const auto& fine = subject().subject.success_codes;
    if (end != nullptr && end->exit_code &&
        std::ranges::find(fine, *end->exit_code) != fine.end()) {
      return;
    }
    throw runner::Error("runner-failed",
                        fmt::format("{} alone could not apply what is to be measured", name()),
                        history.outputs.at(0).err + history.outputs.at(0).out,
                        "see that it works: `gauntlet trace` with the same flags tells more");
  }

  const std::vector<Work>& works_;
  fleet::WorkFolder projects_;
  std::map<std::string, fs::path> by_load_ = {};
  std::map<std::string, std::unique_ptr<arena::Database>> migrated_ = {};
  std::unique_ptr<arena::Database> current_ = {};
};

class BareProgram final : public Program {
 public:
  explicit BareProgram(Field& where)
      : Program({.subject = {.name = "bare program",
                             .command = {bare_program_file().string(), "{url}"}},
                 .timeout = floor_patience},
                Role::floor, where),
        database_(where.fresh()) {}

 protected:
  const arena::Database& database_for(const Cell&) override { return *database_; }
  core::Judgement judge_database(const Cell&, const arena::Database&) override {
    return core::judged({});
  }
  fs::path project_for(const Cell&) override { return {}; }

 private:
  std::unique_ptr<arena::Database> database_;
};

}  // namespace

std::unique_ptr<Contender> runner_program(const fleet::SubjectFile& subject, Role role,
                                          Field& field, const std::vector<Work>& works) {
  return std::make_unique<RunnerProgram>(subject, role, field, works);
}

std::unique_ptr<Contender> bare_program(Field& field) {
  return std::make_unique<BareProgram>(field);
}

}  // namespace gauntlet::bench
