// The program that production runs.
#include "runner/apply.h"
#include "runner/postgres/leave_open.h"
#include "runner/program/command_line.h"
#include "runner/program/interruption.h"
#include "runner/program/output.h"
#include "runner/program/progress.h"
#include "runner/read_only.h"
#include "runner/repair.h"
#include "runner/source/source.h"
#include "runner/sqlite/session_sqlite.h"
#include "runner/turn/lock.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::runner {

namespace {

constexpr int exit_could_not_tell = 3;

// While it connects a signal simply ends the program; from then on there is something to clean up.
// The run's own session, which ends last, stays until the run is over: to be closed then, or left
// open. Any other is closed when it is given back, as a pooler may have few.
class ProgramSessions final : public SessionSource {
 public:
  ProgramSessions(std::unique_ptr<SessionSource> sessions, Interruption& interruption)
      : sessions_(std::move(sessions)), interruption_(interruption) {}

  std::unique_ptr<Session> acquire(std::chrono::milliseconds patience) override {
    auto session = sessions_->acquire(patience);
    interruption_.begin_to_catch();
    ++lent_;
    return std::make_unique<Lent>(std::move(session), *this);
  }

  void leave_last_open() {
    if (last_) leave_open(std::move(last_));
  }

 private:
  class Lent final : public ForwardingSession {
   public:
    Lent(std::unique_ptr<Session> session, ProgramSessions& owner)
        : ForwardingSession(std::move(session)), owner_(owner) {}
    ~Lent() override {
      if (--owner_.lent_ == 0) owner_.last_ = take();
    }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

    std::optional<std::vector<Result>> send_until_told(std::string_view message,
                                                       const IsEnough& is_enough) override {
      return inner().send_until_told(message, is_enough);
    }

   private:
    ProgramSessions& owner_;
  };

  std::unique_ptr<SessionSource> sessions_;
  Interruption& interruption_;
  std::size_t lent_ = 0;
  std::unique_ptr<Session> last_;
};

enum class Holds { nothing, perhaps_the_lock };

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void warn_of_files(const Listing& listing, const Observer& observer) {
  for (const Problem& problem : listing.problems) {
    if (problem.severity == Problem::Severity::warning) observer(Warned{problem.message});
  }
}

/// Who applied is waited for, perhaps by one with more migrations: its lock must not last longer
/// than it has to. Who waited in the server for the lock has it, too.
Holds do_in_turn(SessionSource& sessions, const Asked& asked, const Listing& listing,
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
    default: {
      const bool applied_nothing = up(sessions, listing, asked.up, observer).empty();
      if (applied_nothing && asked.up.lock != LockMode::blocking) return Holds::nothing;
    }
  }
  return Holds::perhaps_the_lock;
}

Progress::Options::As way_to_tell(Format format) {
  if (format == Format::json_lines) return Progress::Options::As::json_lines;
  return isatty(STDERR_FILENO) != 0 ? Progress::Options::As::live_text
                                    : Progress::Options::As::text;
}

// What `up` begins with: a server takes longer to start a process for us than we take to understand
// the command line and to read the files.
class HeadStart {
 public:
  explicit HeadStart(std::string database) : database_(std::move(database)) {
    if (database_.empty()) return;
    try {
      sessions_ = sessions_of(database_, {.begin = ConnectOptions::Begin::at_once});
    } catch (const Error&) {
      return;  // it fails again, and is told, where the run connects
    }
  }

  std::unique_ptr<SessionSource> sessions_for(const Asked& asked) {
    ConnectOptions options{.begin = ConnectOptions::Begin::at_once};
    if (asked.command != Command::up) {
      options.missing_file = ConnectOptions::MissingFile::refuse;
    } else if (sessions_ && asked.database == database_) {
      return std::move(sessions_);
    }
    return sessions_of(asked.database, options);
  }

 private:
  std::string database_;
  std::unique_ptr<SessionSource> sessions_;
};

int run_writing(Asked asked, const Listing& listing, std::unique_ptr<SessionSource> connecting) {
  Interruption interruption;
  asked.up.interrupt_fd = interruption.fd();
  ProgramSessions sessions(std::move(connecting), interruption);
  Progress progress({.as = way_to_tell(asked.format), .heartbeat = asked.heartbeat});
  const Observer observer = [&](const Event& event) { progress(event); };
  warn_of_files(listing, observer);
  try {
    const Holds holds = do_in_turn(sessions, asked, listing, observer);
    if (holds == Holds::nothing) sessions.leave_last_open();
  } catch (const Error& error) {
    if (error.code() != "interrupted") throw;
    fmt::print(stderr, "{}\n", error.what());
    if (asked.format == Format::json_lines) print(error_json(error));
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
  Answer answer;
  read_only(asked.database, [&](Session& session) { answer = look(session, asked, listing); });
  print(answer.text);
  return answer.exit_code;
}

Listing listing_of(const Asked& asked) {
  Listing listing = read_folder(asked.migrations);
  refuse_problems(listing);
  return listing;
}

int run(const Asked& asked, HeadStart& head_start) {
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
  auto sessions = head_start.sessions_for(asked);
  return run_writing(asked, listing_of(asked), std::move(sessions));
}

int failed(const Asked& asked, const Error& error) {
  fmt::print(stderr, "{}\n", error.what());
  if (asked.format == Format::json_lines) print(error_json(error));
  return asked.command == Command::check ? exit_could_not_tell : 1;
}

}  // namespace

int migrate_main(int argc, const char* const* argv) {
  const char* url = std::getenv("DATABASE_URL");
  const std::string database_url = url == nullptr ? "" : url;
  HeadStart head_start(database_at_a_glance(argc, argv, database_url));
  const CommandLine line = parse_command_line(argc, argv, database_url);
  print(line.out);
  std::fwrite(line.err.data(), 1, line.err.size(), stderr);
  if (!line.run) return line.exit_code;
  try {
    return run(line.asked, head_start);
  } catch (const Error& error) {
    return failed(line.asked, error);
  } catch (const std::exception& error) {
    return failed(line.asked, Error("unexpected", error.what()));
  }
}

}  // namespace gauntlet::runner

int main(int argc, char** argv) {
  const int exit_code = gauntlet::runner::migrate_main(argc, argv);
#ifndef __SANITIZE_ADDRESS__  // it looks for leaks on the way out
  // What libraries would tidy up takes longer than all that is left to do.
  std::fflush(nullptr);
  std::_Exit(exit_code);
#else
  return exit_code;
#endif
}
