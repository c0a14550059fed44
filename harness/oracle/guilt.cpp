#include "harness/oracle/guilt.h"

#include "harness/oracle/endings.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <map>
#include <set>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;
using core::Reply;

/// One fault that is not the subject's. Words decide first, then the code, then the signal.
struct Row {
  std::string_view sqlstate;  ///< the code, or its first two characters for a class
  std::string_view words;     ///< lower case: part of the message or of the program's output
  int signal;                 ///< 0: none
  Guilt guilt;
  std::string_view cause;
  std::string_view remedy;
};

constexpr std::string_view more_connections = "raise max_connections, or start fewer: --replicas N";
constexpr std::string_view more_room = "free space on the server's disk, then run it again";
constexpr std::string_view more_processes =
    "raise the limit (`ulimit -u`, the container's pids limit), or start fewer: --replicas N";
constexpr std::string_view more_memory = "free memory on the machine, or start fewer: --replicas N";
constexpr std::string_view run_again = "read the server's log, then run it again";
constexpr std::string_view see_command = "run the command by hand: see --runner";

constexpr auto undecided = Guilt::undecided;
constexpr auto environment = Guilt::environment;

// The first matching row decides. Codes: PostgreSQL manual, appendix A.
constexpr std::array faults_of_the_world = {
    // Limits of the server.
    Row{"53300", "too many clients already", 0, environment, "the server allows no more sessions",
        more_connections},
    Row{"53300", "remaining connection slots are reserved", 0, environment,
        "the server allows no more sessions", more_connections},
    Row{"53300", "too many connections for", 0, environment,
        "the role or the database allows no more sessions",
        "raise its CONNECTION LIMIT, or start fewer: --replicas N"},
    Row{"53400", "", 0, environment, "a limit in the server's configuration was reached",
        "raise the setting that the message names"},
    Row{"53100", "no space left on device", 0, environment, "the disk is full", more_room},
    Row{"53200", "out of memory", 0, environment, "the server ran out of memory", more_memory},
    Row{"53200", "out of shared memory", 0, environment, "the server ran out of shared memory",
        "raise max_locks_per_transaction"},
    Row{"53", "", 0, environment, "the server ran out of a resource", more_memory},
    // Limits of the machine.
    Row{"", "could not fork", 0, environment, "the server could not start a process",
        more_processes},
    Row{"", "fork: retry", 0, environment, "no process could be started", more_processes},
    Row{"", "resource temporarily unavailable", 0, environment,
        "the machine allows no more processes", more_processes},
    Row{"", "can't start new thread", 0, environment, "the machine allows no more threads",
        more_processes},
    Row{"", "cannot allocate memory", 0, environment, "the machine ran out of memory", more_memory},
    Row{"", "too many open files", 0, environment, "a process may open no more files",
        "raise `ulimit -n`"},
    Row{"", "read-only file system", 0, environment, "a file system is read-only",
        "mount it writable"},
    Row{"", "disk quota exceeded", 0, environment, "a disk quota is used up", more_room},
    // The server itself.
    Row{"57P03", "the database system is starting up", 0, environment, "the server was starting up",
        run_again},
    Row{"57P03", "the database system is shutting down", 0, environment,
        "the server was shutting down", run_again},
    Row{"57P03", "the database system is in recovery mode", 0, environment,
        "the server was recovering from a crash", run_again},
    Row{"57P02", "crash of another server process", 0, environment,
        "a process of the server crashed", run_again},
    Row{"58", "could not read block", 0, environment, "the server met a system error", run_again},
    // Programs that cannot start.
    Row{"", "error while loading shared libraries", 0, undecided, "the program cannot start",
        see_command},
    Row{"", "command not found", 0, undecided, "the program cannot start", see_command},
    Row{"", "can't open file", 0, undecided, "the program cannot start", see_command},
    Row{"", "sh: 0: cannot open", 0, undecided, "the program cannot start", see_command},
    Row{"", "modulenotfounderror", 0, undecided, "the program cannot start", see_command},
    Row{"", "cannot find module", 0, undecided, "the program cannot start", see_command},
    // Somebody else ended it.
    Row{"", "", SIGKILL, undecided,
        "signal 9 ended it, and Gauntlet did not send that signal: out of memory?", more_memory},
    Row{"", "", SIGTERM, undecided, "signal 15 ended it, and Gauntlet did not send that signal",
        "find out who ended it, then run it again"},
    Row{"", "", SIGXCPU, environment, "it used up its CPU time limit", "raise `ulimit -t`"},
    Row{"", "", SIGXFSZ, environment, "a file reached the size limit", "raise `ulimit -f`"},
};

/// A session that breaks off is the subject's affair, unless the server went away.
constexpr std::array<std::string_view, 6> broken_sessions = {"08",    "57P01", "57P02",
                                                             "57P03", "XX000", "58"};
constexpr std::array<std::string_view, 5> broken_session_words = {
    "server closed the connection unexpectedly", "connection refused",
    "terminating connection due to administrator command", "connection reset by peer",
    "could not be reached"};

/// Findings about what a subject did; a failure from outside causes none of them.
const std::set<std::string_view> stands_alone = {
    "applied-twice",     "applied-unknown", "two-in-critical-section", "passed-the-lock",
    "success-too-early", "recorded-twice",  "error-swallowed",         "disk-not-recorded"};

bool has_words(const Row& row, const Symptom& symptom, const std::string& words) {
  const bool other_code = !row.sqlstate.empty() && !symptom.sqlstate.empty() &&
                          !symptom.sqlstate.starts_with(row.sqlstate);
  return !row.words.empty() && !other_code && words.find(row.words) != std::string::npos;
}

bool has_code(const Row& row, const Symptom& symptom) {
  return !row.sqlstate.empty() && symptom.sqlstate.starts_with(row.sqlstate);
}

const Row* row_of(const Symptom& symptom, const std::string& words) {
  const auto first = [](const auto& is_it) -> const Row* {
    const auto found = std::ranges::find_if(faults_of_the_world, is_it);
    return found == faults_of_the_world.end() ? nullptr : &*found;
  };
  if (const Row* row = first([&](const Row& each) { return has_words(each, symptom, words); }))
    return row;
  if (const Row* row = first([&](const Row& each) { return has_code(each, symptom); })) return row;
  return first([&](const Row& each) { return each.signal != 0 && symptom.signal == each.signal; });
}

bool is_broken_session(const Symptom& symptom, const std::string& words) {
  return std::ranges::any_of(broken_sessions,
                             [&](auto code) { return symptom.sqlstate.starts_with(code); }) ||
         std::ranges::any_of(broken_session_words,
                             [&](auto each) { return words.find(each) != std::string::npos; });
}

bool cannot_start(const Symptom& symptom) {
  return symptom.exit_code == 126 || symptom.exit_code == 127;  // as a shell reports it
}

/// The limit of sessions was reached: by a leak, or because too many replicas were asked for?
Attribution attribute_session_limit(const Row& row, const World& world) {
  const auto& allowed = world.sessions_allowed;
  const auto& alone = world.sessions_of_one;
  if (allowed && alone && *alone * world.replicas <= *allowed)
    return {.guilt = Guilt::subject,
            .cause = fmt::format("the fleet leaks sessions: one replica alone has {} open at once, "
                                 "so {} replicas fit into the {} that the server allows",
                                 *alone, world.replicas, *allowed),
            .remedy = "close each session that a replica opens"};
  if (!allowed)
    return {.guilt = row.guilt, .cause = std::string(row.cause), .remedy = std::string(row.remedy)};
  const std::size_t fitting = *allowed / std::max<std::size_t>(alone.value_or(1), 1);
  return {.guilt = row.guilt,
          .cause = fmt::format("the server allows {} sessions and {} replicas were asked for",
                               *allowed, world.replicas),
          .remedy = fmt::format("--replicas {}, or raise max_connections", fitting)};
}

Attribution lost_server() {
  return {.guilt = Guilt::environment,
          .cause = "the server ended or restarted during the run",
          .remedy = std::string(run_again)};
}

/// Only lines of the server itself count: a statement's own text is logged as STATEMENT, its
/// warnings as WARNING. What a client cannot be sent, as a failed fork, stands only here.
std::optional<Attribution> fault_in_log(std::string_view log) {
  constexpr std::array<std::string_view, 3> faults = {"could not fork", "no space left on device",
                                                      "cannot allocate memory"};
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string line = runner::lower(log.substr(at, end - at));
    at = end + 1;
    const bool is_servers = line.find("log:  ") != std::string::npos ||
                            line.find("fatal:  ") != std::string::npos ||
                            line.find("panic:  ") != std::string::npos;
    if (!is_servers || line.find("statement:  ") != std::string::npos) continue;
    for (const std::string_view fault : faults)
      if (line.find(fault) != std::string::npos) return attribute({.message = line});
  }
  return std::nullopt;
}

/// SQLSTATEs that a fault of the scenario put in the server's place.
std::set<std::string> injected_codes(const core::History& history) {
  std::set<std::string> codes;
  for (const core::StepRecord& record : history.steps)
    if (record.ruling.what == core::Ruling::What::refuse) codes.insert(record.ruling.sqlstate);
  return codes;
}

/// What the server refused the replica, and how the replica ended.
std::vector<Symptom> symptoms_of(const core::History& history, std::size_t replica,
                                 const Event& end) {
  std::vector<Symptom> symptoms;
  for (const core::StepRecord& record : history.steps) {
    if (record.step.session.replica != replica || !record.reply) continue;
    if (record.reply->ending != Reply::Ending::refused) continue;
    symptoms.push_back({.sqlstate = record.reply->sqlstate, .message = record.reply->message});
  }
  Symptom last{.message = last_lines(history, replica)};
  last.sqlstate = sqlstate_in(last.message);
  if (end.kind != Event::Kind::killed) {
    last.exit_code = end.exit_code;
    last.signal = end.signal;
  }
  symptoms.push_back(std::move(last));
  return symptoms;
}

}  // namespace

Attribution attribute(const Symptom& symptom, const World& world) {
  const std::string words = runner::lower(symptom.message);
  if (world.server_was_lost && is_broken_session(symptom, words)) return lost_server();
  if (const Row* row = row_of(symptom, words)) {
    if (row->sqlstate == "53300") return attribute_session_limit(*row, world);
    return {
        .guilt = row->guilt, .cause = std::string(row->cause), .remedy = std::string(row->remedy)};
  }
  if (cannot_start(symptom))
    return {.guilt = Guilt::undecided,
            .cause = fmt::format("the program cannot start (exit {})", *symptom.exit_code),
            .remedy = std::string(see_command)};
  return {};
}

std::string sqlstate_in(std::string_view words) {
  constexpr std::string_view label = "SQLSTATE";
  const auto is_code = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = words.find(label); at != std::string_view::npos;
       at = words.find(label, at + 1)) {
    std::string_view rest = words.substr(at + label.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" :=[('\""), rest.size()));
    const bool is_whole = rest.size() == 5 || (rest.size() > 5 && !is_code(rest[5]));
    if (is_whole && std::ranges::all_of(rest.substr(0, 5), is_code))
      return std::string(rest.substr(0, 5));
  }
  return {};
}

std::vector<FailedReplica> failures_of(const core::History& history,
                                       const std::vector<int>& success_codes, const World& world) {
  const std::set<std::string> injected = injected_codes(history);
  std::vector<FailedReplica> failures;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const Event* end = history.exit_of(replica);
    if (end == nullptr) continue;
    const bool is_well = end->exit_code && std::ranges::count(success_codes, *end->exit_code) > 0;
    if (is_well) continue;
    FailedReplica failed{.replica = replica};
    for (const Symptom& symptom : symptoms_of(history, replica, *end)) {
      if (injected.contains(symptom.sqlstate)) continue;
      Attribution attribution = attribute(symptom, world);
      if (!attribution.cause.empty()) failed.attribution = std::move(attribution);
    }
    failures.push_back(std::move(failed));
  }
  return failures;
}

std::optional<Attribution> excuse_in(const std::vector<FailedReplica>& failures,
                                     const World& world) {
  for (const FailedReplica& failed : failures)
    if (failed.attribution.guilt != Guilt::subject) return failed.attribution;
  if (world.server_was_lost) return lost_server();
  return failures.empty() ? std::nullopt : fault_in_log(world.server_log);
}

core::Judgement excused(core::Judgement judgement, const Attribution& excuse) {
  const std::string reason = fmt::format("{}: {}", excuse.cause, excuse.remedy);
  std::erase_if(judgement.findings, [](const core::Finding& finding) {
    return finding.severity == core::Severity::violation && !stands_alone.contains(finding.id);
  });
  core::Judgement rest = core::judged(std::move(judgement.findings));
  core::merge(rest, core::unknown(reason));
  return rest;
}

std::size_t most_sessions_of_one(const core::History& history) {
  std::map<std::size_t, std::size_t> open;
  std::size_t most = 0;
  for (const Event& event : history.events) {
    if (event.kind == Event::Kind::opened) most = std::max(most, ++open[event.replica]);
    if (event.kind == Event::Kind::closed && open[event.replica] > 0) --open[event.replica];
  }
  return most;
}

}  // namespace gauntlet::oracle
