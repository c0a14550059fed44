#include "harness/certify/long_reader.h"

#include "harness/arena/connection.h"
#include "harness/certify/small_project.h"
#include "harness/fleet/wire_fleet.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <fmt/format.h>

namespace gauntlet::certify {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Weight = Grade::Weight;

constexpr std::string_view added_column = "ADD COLUMN seen";

const std::vector<SmallFile>& reader_files() {
  static const std::vector<SmallFile> files = {
      {1, "CREATE TABLE reader_entries (what text NOT NULL);\n", "DROP TABLE reader_entries;\n"},
      {2, "ALTER TABLE reader_entries ADD COLUMN seen int;\n",
       "ALTER TABLE reader_entries DROP COLUMN seen;\n"}};
  return files;
}

/// Somebody else's service: it reads the table again and again, on a thread of its own.
class OtherReader {
 public:
  explicit OtherReader(const arena::Address& database)
      : connection_(database), thread_([this] { read(); }) {}
  ~OtherReader() {
    is_over_ = true;
    thread_.join();
  }
  OtherReader(const OtherReader&) = delete;
  OtherReader& operator=(const OtherReader&) = delete;

  milliseconds longest() const { return milliseconds(longest_); }

 private:
  void read() noexcept {
    constexpr milliseconds pause{5};
    try {
      while (!is_over_) {
        const auto began = steady_clock::now();
        connection_.run("SELECT count(*) FROM reader_entries");
        const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
        longest_ = std::max<long long>(longest_, took.count());
        connection_.pause(pause);
      }
    } catch (const std::exception&) {
      return;  // the run itself shows what is wrong with the server
    }
  }

  arena::Connection connection_;
  std::atomic<bool> is_over_{false};
  std::atomic<long long> longest_{0};
  std::thread thread_;
};

bool is_applied(const arena::Database& database) {
  return arena::Connection(database.address())
             .ask_one(
                 "SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = "
                 "'reader_entries'::pg_catalog.regclass AND attname = 'seen'") == "1";
}

std::size_t tries_in(const core::History& history) {
  return static_cast<std::size_t>(
      std::ranges::count_if(history.steps, [](const core::StepRecord& record) {
        return record.step.kind != core::Step::Kind::prepare &&
               record.step.sql.find(added_column) != std::string::npos;
      }));
}

LongReaderRun run_beside_reader(const fleet::SubjectFile& subject, const arena::Database& database,
                                const SmallProject& project) {
  LongReaderRun run;
  arena::Connection reader(database.address());
  reader.run("BEGIN; SELECT * FROM reader_entries");
  gate::OpenGate open;
  gate::AtOnce gate(open);
  gate::Recorder recorder(1);
  {
    OtherReader other(database.address());
    fleet::WireFleet fleet({&subject.subject}, database, project.path(), gate, recorder,
                           {.start = fleet::ProcessFleet::Start::at_once});
    fleet.processes().collect_until(steady_clock::now() + reader_window);
    run.ended_before = fleet.processes().all_ended();
    reader.run("COMMIT");
    fleet.finish_within(subject.timeout);
    run.others_waited = other.longest();
  }
  const core::History history = recorder.history();
  const core::Event* end = history.exit_of(0);
  run.ended = end != nullptr && end->exit_code.has_value();
  run.ok = project.is_ok(history);
  run.tries = tries_in(history);
  run.said = SmallProject::said(history);
  run.is_applied = is_applied(database);
  run.later_ok = project.is_ok(project.run()) && is_applied(database);
  return run;
}

Grade reader_grade(std::string grade, Weight weight, std::string why) {
  return {.area = Area::reader,
          .what = "long-reader",
          .grade = std::move(grade),
          .why = std::move(why),
          .weight = weight};
}

}  // namespace

Grade grade_of(const LongReaderRun& run) {
  const std::string measured =
      fmt::format("sent {} times; others waited up to {:.1f} s", run.tries,
                  std::chrono::duration<double>(run.others_waited).count());
  if (!run.ended)
    return reader_grade("unknown", Weight::undecided,
                        "it was still running when its time was over; " + measured);
  if (run.ok && !run.is_applied)
    return reader_grade("lost", Weight::harm,
                        "it ends with success, and the migration is not applied; " + measured);
  if (!run.later_ok)
    return reader_grade(
        "stuck", Weight::wish,
        fmt::format("it gives up ({}), and a later run does not succeed; {}", run.said, measured));
  if (!run.ok)
    return reader_grade(
        "gives-up", Weight::fine,
        fmt::format("it stops ({}), and a later run succeeds; {}", run.said, measured));
  if (run.others_waited > others_wait_max)
    return reader_grade("blocks-others", Weight::wish,
                        "others stand behind it for as long as the reader reads; " + measured);
  return reader_grade("lets-others-pass", Weight::fine, measured);
}

Grade grade_long_reader(const fleet::SubjectFile& subject, arena::Arena& arena,
                        const std::function<void(std::string_view)>& progress) {
  progress("a session reads a table for 3 s");
  const auto database = arena.fresh("reader");
  const SmallProject project(subject, *database);
  project.write({reader_files().front()});
  const core::History first = project.run();
  if (!project.is_ok(first))
    return reader_grade("unknown", Weight::undecided,
                        "it does not apply the first file: " + SmallProject::said(first));
  project.write(reader_files());
  return grade_of(run_beside_reader(subject, *database, project));
}

}  // namespace gauntlet::certify
