#include "harness/verify/boot_service.h"

#include "harness/fleet/door.h"
#include "harness/fleet/file_door.h"
#include "harness/fleet/fleet.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/process/process.h"
#include "harness/verify/boot_ready.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/pending.h"
#include "harness/verify/sqlite_truth.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <signal.h>

namespace gauntlet::verify {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr milliseconds ask_interval{5};
constexpr milliseconds ask_patience{250};
/// How long a service that wants to enter its database is kept outside. It cannot have migrated
/// anything yet, so that a 200 in this time needs no luck to be seen.
constexpr milliseconds door_hold{500};

fleet::Subject service_of(const Options& options) {
  return {.name = *options.service,
          .command = process::split_command(*options.service),
          .directory = std::filesystem::current_path()};
}

fleet::Values values_for(const arena::Address& address, const Options& options,
                         const std::filesystem::path& work, int port) {
  fleet::Values values =
      fleet::placeholder_values(address, std::filesystem::absolute(options.migrations), work);
  values["db_port"] = values["port"];
  values["port"] = values["http_port"] = std::to_string(port);
  return values;
}

/// A process group that stands still while this lives: what it was just doing can be looked at.
class Frozen {
 public:
  explicit Frozen(pid_t leader) : leader_(leader) { ::kill(-leader_, SIGSTOP); }
  ~Frozen() { ::kill(-leader_, SIGCONT); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  pid_t leader_;
};

/// One start of the service, from its process to its end.
class Service {
 public:
  explicit Service(const Context& context)
      : context_(context),
        database_(context.arena->fresh("service")),
        port_(free_port()),
        values_(values_for(address(), context.options, work_.path(), port_)),
        ready_(parse_ready(fleet::expand(context.options.health_url, values_), port_)) {}

  ServiceOutcome run(milliseconds sigterm_patience) {
    if (is_taken(ready_, ask_patience)) {
      outcome_.judgement = core::unknown(fmt::format(
          "somebody else listens at {} already: its answers would be taken for the service's",
          ready_.url()));
      return std::move(outcome_);
    }
    const Asked asked = wait_until_ready();
    if (asked == Asked::ended) tell_early_end();
    if (asked == Asked::not_yet) tell_never_ready();
    if (asked == Asked::ready) {
      core::merge(outcome_.judgement, core::judged({}));
      end(sigterm_patience);
    }
    if (context_.options.keep && outcome_.judgement.verdict != core::Verdict::holds) {
      outcome_.notes.push_back("kept, as the service left it: " + database_->keep());
    }
    return std::move(outcome_);
  }

 private:
  enum class Asked { not_yet, ready, ended };

  const arena::Address& address() const { return database_->loopback(); }

  Asked wait_until_ready() {
    const Asked outside = is_file() ? wait_outside_file() : wait_outside_server();
    if (outside != Asked::not_yet) return outside;
    const Asked inside = ask_inside();
    if (inside == Asked::ready) judge_applied();
    frozen_.reset();
    return inside;
  }

  bool is_file() const { return !address().file().empty(); }

  Asked wait_outside_server() {
    fleet::Door door(*database_);
    start();
    const Asked outside = ask_outside([&] { return door.waiting(); });
    if (outside == Asked::ready) tell_ready_outside();
    frozen_.reset();
    door.open();
    return outside;
  }

  /// A service whose connection waits for no lock gives up at the door: it is started again without
  /// one.
  Asked wait_outside_file() {
    fleet::FileDoor door(address().file());
    start();
    const Asked outside = ask_outside([&] { return door.waiting({process_->pid()}); });
    if (outside == Asked::ready) tell_ready_outside();
    frozen_.reset();
    door.open();
    if (outside != Asked::ended) return outside;
    outcome_.notes.emplace_back(
        "while the file was locked the service ended: started again, with the file free");
    start();
    return Asked::not_yet;
  }

  void start() {
    process::Command command = fleet::command_of(service_of(context_.options), address(), values_);
    command.environment["PORT"] = std::to_string(port_);
    process_.emplace(process::Process::start(command));
    started_ = steady_clock::now();
    deadline_ = started_ + context_.options.boot_deadline;
  }

  /// While no session can enter the database: until it has knocked and waited for `door_hold`.
  Asked ask_outside(const std::function<std::size_t()>& waiting) {
    std::optional<steady_clock::time_point> knocked;
    while (steady_clock::now() < deadline_) {
      if (const Asked asked = ask(); asked != Asked::not_yet) return asked;
      if (!knocked && waiting() > 0) knocked = steady_clock::now();
      if (knocked && steady_clock::now() >= *knocked + door_hold) {
        deadline_ += door_hold;
        break;
      }
    }
    return Asked::not_yet;
  }

  Asked ask_inside() {
    Asked asked = Asked::not_yet;
    while (asked == Asked::not_yet && steady_clock::now() < deadline_) asked = ask();
    return asked;
  }

  /// Asks once, then waits a moment for the process to end. At a 200 the service stands still.
  Asked ask() {
    const std::optional<Answer> answer = ask_ready(ready_, ask_patience);
    if (answer) last_status_ = answer->status;
    const bool is_ready = answer && answer->status == 200;
    if (is_ready) frozen_.emplace(process_->pid());
    // At a 200 it must still be there: somebody else may have answered.
    if (process_->wait_for(is_ready ? milliseconds(0) : ask_interval)) return Asked::ended;
    return is_ready ? Asked::ready : Asked::not_yet;
  }

  void judge_applied() {
    oracle::Observation seen;
    seen.on_disk = on_disk(context_.listing);
    seen.applied = applied_by_subject(context_.options, database_->address(), seen.applied_missing);
    if (seen.applied && is_file())
      seen.applied = without_code_steps(std::move(*seen.applied), address(), context_.listing);
    outcome_.notes.push_back(
        fmt::format("the service was ready {:.2f} s after its start, {:.2f} s of "
                    "which its sessions were held at the database's door",
                    since_start().count(), Seconds(door_hold).count()));
    const core::Judgement judgement = oracle::ask(oracle::oracle("set-equality"), seen);
    if (judgement.verdict == core::Verdict::unknown) {
      core::merge(outcome_.judgement,
                  core::unknown("at the service's first 200: " + judgement.reason));
    }
    if (judgement.verdict != core::Verdict::violated) return;
    std::string differences;
    for (const core::Finding& finding : judgement.findings) differences += "\n" + finding.message;
    found("ready-before-migrated",
          fmt::format("{} answered 200 when the applied set was not the set on disk:{}",
                      ready_.url(), differences),
          before_the_listener);
  }

  void tell_ready_outside() {
    found("ready-before-migrated",
          fmt::format("{} answered 200 before any session could enter the database: none of {} "
                      "migrations was applied",
                      ready_.url(), context_.listing.migrations.size()),
          before_the_listener);
  }

  void tell_early_end() {
    found("exited-before-ready",
          fmt::format("the service ended with {} after {:.2f} s, before {} answered 200; {}",
                      exit_text(), since_start().count(), ready_.url(), said()),
          "start it by hand with DATABASE_URL of a `gauntlet server start`; it must stay in the "
          "foreground");
  }

  void tell_never_ready() {
    const std::string last = last_status_ ? fmt::format("its last answer was {}", *last_status_)
                                          : std::string("nobody answered there");
    found(
        "never-ready",
        fmt::format("{} did not answer 200 within {:.1f} s: {}; {}", ready_.url(),
                    since_start().count(), last, said()),
        "listen on the port given in PORT or {port}, or name the right address with --health-url");
  }

  void end(milliseconds patience) {
    const auto told = steady_clock::now();
    process_->signal(SIGTERM);
    if (process_->wait_for(patience)) {
      outcome_.notes.push_back(
          fmt::format("told to end by SIGTERM, the service ended with {} after {:.2f} s",
                      exit_text(), Seconds(steady_clock::now() - told).count()));
      return;
    }
    found("ignores-sigterm",
          fmt::format("the service still ran {:.1f} s after SIGTERM; {}", Seconds(patience).count(),
                      said()),
          "handle SIGTERM: stop accepting, finish what runs, and exit; a shell in between must "
          "`exec`");
  }

  void found(std::string id, std::string message, std::string fix) {
    core::merge(outcome_.judgement,
                core::judged(
                    {{.id = std::move(id), .message = std::move(message), .fix = std::move(fix)}}));
  }

  Seconds since_start() const { return steady_clock::now() - started_; }
  std::string exit_text() const { return process_->exit().value_or(process::Exit{}).text(); }
  std::string said() const {
    return tail({fleet::without_password(process_->out(), address()),
                 fleet::without_password(process_->err(), address())});
  }

  static constexpr const char* before_the_listener =
      "apply the migrations before the listener is bound, or answer 503 until they are";

  const Context& context_;
  std::unique_ptr<arena::Database> database_;
  fleet::WorkFolder work_;
  int port_;
  fleet::Values values_;
  ReadyAddress ready_;
  std::optional<process::Process> process_;
  std::optional<Frozen> frozen_;
  steady_clock::time_point started_, deadline_;
  std::optional<int> last_status_;
  ServiceOutcome outcome_;
};

}  // namespace

ServiceOutcome start_service(const Context& context, milliseconds sigterm_patience) {
  return Service(context).run(sigterm_patience);
}

}  // namespace gauntlet::verify
