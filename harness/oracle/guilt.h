// Whose fault is a failure: the subject's, the environment's, or not decided? One function and one
// table (guilt.cpp), asked before any oracle. Pure, so safe on any thread.
//
// To teach it a fault of the environment, add a row to `faults_of_the_world` in guilt.cpp and a
// line to guilt_test.cpp. A row matches by SQLSTATE, by words of the message, or by signal.
#pragma once

#include "harness/core/history.h"
#include "harness/core/verdict.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::oracle {

enum class Guilt {
  subject,      ///< nothing speaks for another cause
  environment,  ///< the server, the machine or a limit of either: no verdict about the subject
  undecided,    ///< somebody else may be the cause: no verdict about the subject either
};

/// What was seen of one failure. What is not known is empty.
struct Symptom {
  std::string sqlstate = {};
  std::string message = {};  ///< the server's, or what the program printed last
  std::optional<int> exit_code = {}, signal = {};
};

/// What is known of the world in which the failure happened.
struct World {
  std::size_t replicas = 1;  ///< started at once
  /// Sessions that the server, the role and the database allow the fleet; absent: not read.
  std::optional<std::size_t> sessions_allowed = {};
  /// Most sessions that one replica had open at once when it ran alone; absent: not seen.
  std::optional<std::size_t> sessions_of_one = {};
  /// The server ended or restarted during the run.
  bool server_was_lost = false;
  /// What the server logged during the run; empty if its log is out of reach.
  std::string server_log = {};
};

struct Attribution {
  Guilt guilt = Guilt::subject;
  std::string cause = {};   ///< one lower-case sentence; empty for a plain fault of the subject
  std::string remedy = {};  ///< the next thing to do
};

/// Classifies one failure. With no matching row, the subject is guilty.
Attribution attribute(const Symptom& symptom, const World& world = {});

/// The SQLSTATE in a program's own words (`SQLSTATE 53300`, `SQLSTATE[53300]`); empty if there is
/// none.
std::string sqlstate_in(std::string_view words);

struct FailedReplica {
  std::size_t replica = 0;
  Attribution attribution = {};
};

/// The replicas that did not end with one of `success_codes`, by number. Reads exit, output and the
/// replies that each got. Replies that a fault of the scenario made count for nothing.
std::vector<FailedReplica> failures_of(const core::History& history,
                                       const std::vector<int>& success_codes, const World& world);

/// The first failure that is not held against the subject, a lost server, or what the server logged
/// while a replica failed; nullopt if there is none of these.
std::optional<Attribution> excuse_in(const std::vector<FailedReplica>& failures,
                                     const World& world);

/// What remains of `judgement` when `excuse` explains failures of the same run. Only findings that
/// no failure from outside can cause (as `applied-twice`) still violate; without one the result is
/// unknown, with cause and remedy.
core::Judgement excused(core::Judgement judgement, const Attribution& excuse);

/// Most sessions that one replica had open at the same time.
std::size_t most_sessions_of_one(const core::History& history);

}  // namespace gauntlet::oracle
