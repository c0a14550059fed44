#include "harness/arena/capacity.h"
#include "harness/bench/programs.h"
#include "harness/bench/study_html.h"
#include "harness/bench/study_json.h"
#include "harness/bench/study_text.h"
#include "harness/cli/commands.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/core/files.h"
#include "harness/process/quoted_word.h"
#include "harness/sql/migration_facts.h"
#include "runner/source/source.h"
#include "runner/values/error.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

using bench::Role;
using bench::Row;
using bench::Study;
using bench::Work;

constexpr std::size_t sample_migrations = 5;
constexpr const char* nothing_pending = "nothing pending";

/// They are applied again and again on one server: what outlives its database would be there
/// already the second time.
void refuse_cluster_changes(const std::filesystem::path& folder) {
  for (const auto& migration : runner::read_folder(folder).migrations) {
    const auto words = sql::facts_of(migration.up).cluster_wide;
    if (words.empty()) continue;
    throw runner::Error(
        "cluster-changes",
        fmt::format("migration {} has {}, which changes the whole server, so it can be "
                    "applied there only once",
                    migration.version.number, words.front()),
        migration.up.file.string(), "measure with the other migrations, or without --migrations");
  }
}

fleet::SubjectFile reference_file() {
  fleet::SubjectFile file;
  file.subject = fleet::reference_subject("directive", "5m");
  file.format = "gauntlet";
  return file;
}

/// Each has a name of its own.
std::vector<fleet::SubjectFile> others_of(const BenchCommand& command) {
  std::vector<fleet::SubjectFile> files;
  for (const std::string& file : command.subject_files)
    files.push_back(fleet::read_subject_file(file));
  for (const std::string& line : command.runners) {
    fleet::SubjectFile& file = files.emplace_back();
    file.subject = fleet::command_subject(line, command.success_codes);
    file.subject.name = std::filesystem::path(file.subject.command.front()).filename();
    file.format = command.format;
    file.applied_query = command.applied_query;
  }
  std::vector<std::string> taken = {"gauntlet-migrate", "bare program"};
  for (fleet::SubjectFile& file : files) {
    const std::string name = file.subject.name;
    for (int number = 2; std::ranges::find(taken, file.subject.name) != taken.end(); ++number)
      file.subject.name = fmt::format("{} ({})", name, number);
    taken.push_back(file.subject.name);
  }
  return files;
}

std::string repeated(const BenchCommand& command) {
  std::string words = "gauntlet bench";
  const auto add = [&](std::string_view flag, const std::string& value) {
    words += fmt::format(" {} {}", flag, process::quoted_word(value));
  };
  words += command.database == "ephemeral" ? " --database ephemeral"
                                           : R"( --database "$TEST_DATABASE_URL")";
  for (const std::string& runner : command.runners) add("--runner", runner);
  for (const std::string& file : command.subject_files) add("--subject", file);
  if (command.format != "gauntlet") add("--format", command.format);
  if (!command.migrations.empty()) add("--migrations", command.migrations);
  words += fmt::format(" --replicas {} --latency {} --rounds {}", fmt::join(command.replicas, ","),
                       fmt::join(command.latencies_ms, ","), command.rounds);
  for (const auto& [name, value] : command.server.settings)
    add("--server-setting", fmt::format("{}={}", name, value));
  return words;
}

/// A file that is written anew after every round, so that a signal costs one round at most.
class KeptRounds {
 public:
  /// The file of --json; where none was named, one among the temporary files.
  explicit KeptRounds(const std::string& json_file) : is_ours_(json_file.empty()) {
    file_ = is_ours_ ? std::filesystem::temp_directory_path() /
                           fmt::format("gauntlet-bench-{}.json", ::getpid())
                     : std::filesystem::path(json_file);
    std::error_code unknown;
    is_kept_ = !std::filesystem::exists(file_, unknown) ||
               std::filesystem::is_regular_file(file_, unknown);
  }

  /// Whole, or not at all.
  void write(const std::string& json) {
    if (!is_kept_) return;
    const std::filesystem::path fresh = file_.string() + ".new";
    write_file(fresh, json, Form::json);
    std::filesystem::rename(fresh, file_);
    if (std::exchange(is_told_, true)) return;
    fmt::print(stderr,
               "bench: each round is kept in {0}; after a signal: gauntlet bench --read {0}\n",
               process::quoted_word(file_.string()));
  }

  /// All was measured, and is printed.
  void forget() {
    std::error_code ignored;
    if (is_ours_) std::filesystem::remove(file_, ignored);
  }

 private:
  std::filesystem::path file_;
  bool is_ours_, is_kept_ = false, is_told_ = false;
};

class Benching {
 public:
  explicit Benching(const BenchCommand& command)
      : command_(command),
        line_(STDERR_FILENO, screen_of(STDERR_FILENO)),
        ground_(where(command)),
        field_(ground_.arena(), command.database == "ephemeral" ? bench::Field::Server::ours
                                                                : bench::Field::Server::given) {}

  Study run() {
    study_ = {.title = "Contention and boot storm", .facts = bench::facts_of_machine()};
    study_.facts.server = ground_.facts().value_or(core::ServerFacts{});
    study_.facts.rounds = command_.rounds;
    study_.facts.command = repeated(command_);
    add_works();
    refuse_misfit();
    const auto contenders = contenders_of();
    for (const auto& contender : contenders) refuse_unable(*contender);
    for (const Work& work : works_) {
      for (const double latency : command_.latencies_ms) {
        auto rows = bench::measure(contenders, options_of(work, latency));
        std::ranges::move(rows, std::back_inserter(study_.rows));
      }
    }
    study_.facts.load_after = bench::load_now();
    kept_.forget();
    return std::move(study_);
  }

 private:
  static ScenarioOptions where(const BenchCommand& command) {
    ScenarioOptions options;
    options.database = command.database;
    options.server = command.server;
    return options;
  }

  /// Else the largest fleet would be told as a runner that fails.
  void refuse_misfit() {
    const auto largest = std::ranges::max_element(command_.replicas);
    if (largest == command_.replicas.end()) return;
    const auto database = field_.fresh();
    if (const auto reason =
            arena::misfit(database->loopback(),
                          {.replicas = *largest, .serves_itself = field_.serves_itself()})) {
      throw runner::Error("no-room", "the largest fleet cannot be measured: " + *reason, {},
                          "give what the message says, and --replicas with smaller fleets");
    }
  }

  /// One copy alone: a runner that cannot apply the files has no curve.
  void refuse_unable(bench::Contender& contender) {
    if (contender.role() == Role::floor) return;
    line_.show(fmt::format("{} alone", contender.name()));
    const bench::Seen seen = contender.run({works_.front().load, 1, 0});
    if (seen.has_ended && seen.judgement.verdict != core::Verdict::violated) return;
    const auto& findings = seen.judgement.findings;
    throw runner::Error(
        "cannot-apply",
        fmt::format("{} does not apply the files alone: {}", contender.name(),
                    !seen.has_ended    ? "it did not end in time"
                    : findings.empty() ? seen.judgement.reason
                                       : findings.front().message),
        {},
        "run it by hand on a database of `gauntlet server start`; give its layout with --format, "
        "and --success-codes where it ends with another code");
  }

  /// The rows of the cells that were measured before, and those of this one so far.
  void keep(const bench::Cell& cell, const std::vector<Row>& rows) {
    done_ += weight_of(cell.replicas);
    line_.set_done(done_ / whole());
    Study so_far = study_;
    std::ranges::copy(rows, std::back_inserter(so_far.rows));
    kept_.write(bench::json_of(so_far));
  }

  /// A round's time grows with the fleet; the rest is preparation.
  static double weight_of(std::size_t replicas) { return 8.0 + static_cast<double>(replicas); }
  std::size_t warm_ups() const { return command_.rounds > 1 ? 1 : 0; }
  double whole() const {
    double weights = 0;
    for (const std::size_t replicas : command_.replicas) weights += weight_of(replicas);
    return weights * static_cast<double>((command_.rounds + warm_ups()) *
                                         command_.latencies_ms.size() * works_.size());
  }

  void add_works() {
    if (!command_.migrations.empty()) {
      refuse_cluster_changes(command_.migrations);
      works_.push_back(bench::given_work({}, std::filesystem::absolute(command_.migrations)));
    } else {
      works_.push_back(bench::journalled_work({}, folder_.path(), sample_migrations,
                                              std::chrono::milliseconds(0)));
    }
    Work& pending = works_.front();
    pending.load = fmt::format("{} pending", pending.on_disk.size());
    Work done = pending;
    done.load = nothing_pending;
    done.is_done_before = true;
    works_.push_back(std::move(done));
  }

  std::vector<std::unique_ptr<bench::Contender>> contenders_of() {
    std::vector<std::unique_ptr<bench::Contender>> contenders;
    contenders.push_back(bench::bare_program(field_));
    const auto add = [&](fleet::SubjectFile file, Role role) {
      file.timeout = command_.timeout.value_or(file.timeout);
      contenders.push_back(bench::runner_program(file, role, field_, works_));
    };
    add(reference_file(), Role::reference);
    for (const fleet::SubjectFile& file : others_of(command_)) add(file, Role::other);
    return contenders;
  }

  bench::MeasureOptions options_of(const Work& work, double latency) {
    bench::MeasureOptions options{
        .rounds = command_.rounds,
        .warm_ups = warm_ups(),
        .progress = [this](std::string_view doing) { line_.show(doing); },
        .after_round = [this](const bench::Cell& cell,
                              const std::vector<Row>& rows) { keep(cell, rows); }};
    for (const std::size_t replicas : command_.replicas)
      options.cells.push_back({work.load, replicas, latency});
    return options;
  }

  const BenchCommand& command_;
  LiveLine line_;
  Ground ground_;
  bench::Field field_;
  fleet::WorkFolder folder_;
  std::vector<Work> works_ = {};
  Study study_ = {};
  double done_ = 0;  ///< of whole()
  KeptRounds kept_{command_.json_file};
};

int exit_code_of(const std::vector<Study>& studies) {
  bool is_unsure = false;
  for (const Study& study : studies) {
    for (const Row& row : study.rows) {
      const auto is_wrong = [](const bench::Run& run) { return !run.wrong.empty(); };
      if (std::ranges::any_of(row.runs, is_wrong)) return 1;
      is_unsure = is_unsure || !row.unsure.empty();
    }
    is_unsure = is_unsure || study.rows.empty();
  }
  return is_unsure ? 2 : 0;
}

}  // namespace

int measure(const BenchCommand& command) {
  std::vector<Study> studies;
  for (const std::string& file : command.read_files)
    studies.push_back(bench::study_of(core::read_file(file)));
  if (command.read_files.empty()) studies.push_back(Benching(command).run());
  if (!command.json_file.empty())
    write_file(command.json_file, bench::json_of(studies.front()), Form::json);
  if (!command.html_file.empty()) write_file(command.html_file, bench::html_of(studies));
  std::string text;
  for (const Study& study : studies)
    text += command.markdown ? bench::markdown_of(study) : bench::text_of(study);
  print_result(text);
  return exit_code_of(studies);
}

}  // namespace gauntlet::cli
