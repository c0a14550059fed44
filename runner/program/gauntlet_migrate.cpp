// The program that production runs.
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/postgres/advisory_lock.h"
#include "runner/program/command_line.h"
#include "runner/program/interruption.h"
#include "runner/program/output.h"
#include "runner/program/progress.h"
#include "runner/program/standard_streams.h"
#include "runner/read_only.h"
#include "runner/repair.h"
#include "runner/source/source.h"
#include "runner/sqlite/session_sqlite.h"
#include "runner/sqlite/transaction_lock.h"
#include "runner/turn/lock.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace gauntlet::runner {

namespace {

constexpr int exit_could_not_tell = 3;

// While it connects, a signal simply ends the program; from then on there is something to clean up.
class InterruptibleSessions final : public SessionSource {
 public:
  InterruptibleSessions(std::unique_ptr<SessionSource> sessions, Interruption& interruption)
      : sessions_(std::move(sessions)), interruption_(interruption) {}

  std::unique_ptr<Session> acquire(std::chrono::milliseconds patience) override {
    auto session = sessions_->acquire(patience);
    interruption_.begin_to_catch();
    return session;
  }

 private:
  std::unique_ptr<SessionSource> sessions_;
  Interruption& interruption_;
};

void print_error(const Error& error) { write_text(stderr, std::string(error.what()) + "\n"); }

// What is asked for is what is printed: without it nothing was done.
void print_answer(std::string_view text) {
  if (write_text(stdout, text)) return;
  throw Error("output-lost", "standard output could not be written: " + reason_text(errno), {},
              "give it a file or a program that takes it, then run this again");
}

void warn_of_files(const Listing& listing, const Observer& observer) {
  for (const Problem& problem : listing.problems) {
    if (problem.severity == Problem::Severity::warning) observer(Warned{problem.message});
  }
}

void do_in_turn(SessionSource& sessions, const Asked& asked, const Listing& listing,
                const Observer& observer) {
  const Version version{asked.version};
  switch (asked.command) {
    case Command::down:
      down(sessions, listing, asked.down.value(), asked.up, observer);
      break;
    case Command::accept:
      accept(sessions, listing, version, asked.up, observer);
      break;
    case Command::resume:
      resume(sessions, listing, version, asked.from, asked.up, observer);
      break;
    case Command::forget:
      forget(sessions, listing, version, asked.up, observer);
      break;
    default:
      up(sessions, listing, asked.up, observer);
  }
}

bool can_move_a_line() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

Progress::Options::As way_to_tell(Format format) {
  if (format == Format::json_lines) return Progress::Options::As::json_lines;
  return can_move_a_line() ? Progress::Options::As::live_text : Progress::Options::As::text;
}

std::unique_ptr<SessionSource> sessions_for(const Asked& asked) {
  ConnectOptions options;
  if (asked.command != Command::up) options.missing_file = ConnectOptions::MissingFile::refuse;
  return sessions_of(asked.database, options);
}

int run_writing(Asked asked, const Listing& listing) {
  survive_broken_pipes();
  Interruption interruption;
  asked.up.interrupt_fd = interruption.fd();
  InterruptibleSessions sessions(sessions_for(asked), interruption);
  Progress progress({.as = way_to_tell(asked.format), .heartbeat = asked.heartbeat});
  const Observer observer = [&](const Event& event) { progress(event); };
  warn_of_files(listing, observer);
  try {
    do_in_turn(sessions, asked, listing, observer);
  } catch (const Error& error) {
    if (error.code() != "interrupted") throw;
    print_error(error);
    if (asked.format == Format::json_lines) write_text(stdout, error_json(error));
    return 128 + interruption.signal();
  }
  return 0;
}

// What a look at the database says, and the exit code that goes with it.
struct Answer {
  std::string text;
  int exit_code = 0;
};

Answer status_of(Session& session, const Asked& asked, const Listing& listing) {
  const Inspection inspection = inspect(session, listing, asked.up.tracker);
  std::optional<LockHolder> holder;
  if (session.engine() == Engine::sqlite) {
    holder = lock_holder(sqlite_file_of(asked.database));
  } else {
    const auto key = asked.up.lock_key != 0 ? asked.up.lock_key : lock_key_of(inspection.tracker);
    holder = lock_holder(session, key);
  }
  return {.text = asked.format == Format::json ? status_json(inspection, holder)
                                               : status_text(inspection, holder)};
}

Answer check_of(Session& session, const Asked& asked, const Listing& listing) {
  const Inspection inspection = inspect(session, listing, asked.up.tracker);
  const Check judged = check(inspection);
  return {.text = asked.format == Format::json ? check_json(inspection) : judged.line + "\n",
          .exit_code = judged.exit_code};
}

Answer plan_of(Session& session, const Asked& asked, const Listing& listing) {
  const Preview previewed = preview(session, listing, asked.up);
  return {.text = asked.format == Format::json ? plan_json(previewed) : plan_text(previewed),
          .exit_code = previewed.problems.empty() ? 0 : 1};
}

using Look = Answer (*)(Session&, const Asked&, const Listing&);

int run_looking(Look look, const Asked& asked, const Listing& listing) {
  warn_of_files(listing, [](const Event& event) {
    write_text(stderr, "warning: " + std::get<Warned>(event).text + "\n");
  });
  Answer answer;
  read_only(asked.database, [&](Session& session) { answer = look(session, asked, listing); });
  print_answer(answer.text);
  return answer.exit_code;
}

Listing listing_of(const Asked& asked) {
  Listing listing = read_folder(asked.migrations);
  refuse_problems(listing);
  return listing;
}

int run(const Asked& asked) {
  switch (asked.command) {
    case Command::status:
      return run_looking(status_of, asked, listing_of(asked));
    case Command::check:
      return run_looking(check_of, asked, listing_of(asked));
    case Command::plan:
      return run_looking(plan_of, asked, listing_of(asked));
    case Command::up:
    case Command::down:
    case Command::accept:
    case Command::resume:
    case Command::forget:
      break;
  }
  return run_writing(asked, listing_of(asked));
}

int failed(const Asked& asked, const Error& error) {
  print_error(error);
  if (asked.format == Format::json_lines) write_text(stdout, error_json(error));
  if (asked.format == Format::json) write_text(stdout, failure_json(error));
  return asked.command == Command::check ? exit_could_not_tell : 1;
}

}  // namespace

int migrate_main(int argc, const char* const* argv) {
  hold_standard_streams();
  const char* url = std::getenv("DATABASE_URL");
  const std::string database_url = url == nullptr ? "" : url;
  const CommandLine line = parse_command_line(argc, argv, database_url);
  write_text(stderr, line.err);
  try {
    if (line.run) return run(line.asked);
    print_answer(line.out);
    return line.exit_code;
  } catch (const Error& error) {
    return failed(line.asked, error);
  } catch (const std::exception& error) {
    return failed(line.asked, Error("unexpected", error.what()));
  }
}

}  // namespace gauntlet::runner

int main(int argc, char** argv) { return gauntlet::runner::migrate_main(argc, argv); }
