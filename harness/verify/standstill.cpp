#include "harness/verify/standstill.h"

#include "harness/oracle/oracle.h"
#include "harness/oracle/waits.h"
#include "harness/sql/text.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/pending.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using std::chrono::milliseconds;

/// Making a database takes some 50 ms; where it takes longer, so does everything else.
constexpr int databases_in_a_standstill = 20;
constexpr milliseconds idle_max{60'000};

bool has_recorded_all(const Options& options, const std::vector<core::AppliedRow>& on_disk,
                      const arena::Address& database) {
  oracle::Observation seen{.on_disk = on_disk};
  try {
    seen.applied = applied_by_subject(options, database, seen.applied_missing);
  } catch (const std::exception&) {
    return false;  // then it is judged as one that has more to do
  }
  return seen.applied &&
         oracle::ask(oracle::oracle("set-equality"), seen).verdict == core::Verdict::holds;
}

/// What its sessions did: whom they waited for, or what they left open.
std::string sessions_of(const core::History& history) {
  const oracle::Wait wait = oracle::wait_of(history, 0);
  if (!wait.text.empty()) return "; " + wait.text;
  for (const core::SessionWait& session : history.waits)
    if (session.state.starts_with("idle in transaction"))
      return fmt::format("; server process {} is {} after {}", session.backend_pid, session.state,
                         sql::one_line(session.statement));
  return {};
}

std::string doing_in(const core::Standstill& still) {
  return still.doing.empty() ? std::string() : ": " + still.doing;
}

}  // namespace

fleet::StandstillOptions standstill_options(const Context& context, const arena::Database& database,
                                            milliseconds idle, milliseconds made_in) {
  return {.idle = std::min(idle + databases_in_a_standstill * made_in, std::max(idle, idle_max)),
          .is_done = [&options = context.options, on_disk = on_disk(context.listing),
                      &address = database.address()] {
            return has_recorded_all(options, on_disk, address);
          }};
}

core::Judgement judge_standstill(const core::History& history, const std::string& which,
                                 const std::string& lock_row) {
  const core::Standstill& still = *history.standstill;
  const double seconds = std::chrono::duration<double>(still.lasted).count();
  const std::string what =
      fmt::format("{}{}; {}", doing_in(still), sessions_of(history), tail(history.outputs[0]));
  if (!lock_row.empty())
    return core::judged(
        {{.id = "never-exits",
          .message = fmt::format("{} waited for {:.1f} s for a lock that nobody will give back{}",
                                 which, seconds, what)}});
  if (!still.outside.empty())
    return core::unknown(
        fmt::format("{} did nothing for {:.1f} s, and may have waited for {}{}; give it what it "
                    "waits for, or run it by hand",
                    which, seconds, still.outside, what));
  if (!still.is_done && still.looks_again)
    return core::unknown(
        fmt::format("{} did the same again and again for {:.1f} s, and nothing came of it{}; find "
                    "out what it waits for",
                    which, seconds, what));
  const std::string message =
      still.is_done
          ? fmt::format(
                "{} applied and recorded every file, and had not ended {:.1f} s after its "
                "last statement{}",
                which, seconds, what)
          : fmt::format(
                "{} stood still: for {:.1f} s it used no time of the CPU and sent no new "
                "statement, and nobody else was in its way{}",
                which, seconds, what);
  return core::judged(
      {{.id = "never-exits",
        .message = message,
        .fix = still.is_done
                   ? "end the process once its work is done: close its pools, timers and threads; "
                     "a service is given to --service"
                   : "bound every wait of the runner, and let none of its sessions hold what "
                     "another one of them needs"}});
}

}  // namespace gauntlet::verify
