// Subjects and their concurrent copies: started, held, released together, always collected.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/process/process.h"

namespace gauntlet::fleet {

/// Whatever applies migrations when told to: a command line.
///
/// In `command` these are replaced: {url} {host} {port} {user} {password} {database} {migrations} {work}.
/// It runs in a fresh empty folder ({work}), with DATABASE_URL and PGHOST … in its environment.
struct Subject {
  std::string name;                  ///< what reports call it
  std::vector<std::string> command;  ///< split already
  std::vector<int> ok_exits = {0};
  std::map<std::string, std::string> environment = {};
};

/// gauntlet-migrate of this installation, which lies beside this program (or is named by
/// GAUNTLET_MIGRATE). Throws: Error `no-runner`.
Subject reference_subject(const std::string& no_transaction_mode, const std::string& statement_timeout);

/// `--runner CMD`. Throws: Error `bad-command`.
Subject command_subject(const std::string& command_line, std::vector<int> ok_exits);

/// Replaces the placeholders in one word. Throws: Error `unknown-placeholder` naming those there are.
std::string expand(const std::string& word, const std::map<std::string, std::string>& values);

/// One copy, to its end. The history has one replica.
core::History run_once(const Subject& subject, const arena::Database& database,
                       const std::filesystem::path& migrations, std::chrono::milliseconds patience);

/// `replicas` copies, released together. They are let into the database only when all of them stand at
/// its door (each session that connects waits for a lock on the database's own entry), or when
/// `door_patience` is over: the history says how many stood there.
struct RaceOptions {
  std::size_t replicas = 16;
  std::chrono::milliseconds patience{60'000};  ///< after it the rest is killed
  std::chrono::milliseconds door_patience{5'000};
};
core::History race(const Subject& subject, const arena::Database& database,
                   const std::filesystem::path& migrations, const RaceOptions& options);

}  // namespace gauntlet::fleet
