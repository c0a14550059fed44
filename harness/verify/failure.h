// What the server said about a migration becomes a finding: in which file, where, and what to do.
// Pure.
#pragma once

#include "harness/core/verdict.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gauntlet::verify {

/// How the message that failed was put together around a part of the file.
struct Framing {
  std::size_t prefix_characters = 0;  ///< of ours before the file's text
  std::size_t prefix_statements = 0;
  std::size_t offset = 0;      ///< bytes of the file's sql() before the part that was sent
  std::string_view part = {};  ///< what was sent of the file
};

/// Whose fault a failing statement is, told from its SQLSTATE alone.
enum class Blame {
  migration,
  lock,     ///< another session holds what it needs
  timeout,  ///< the statement timeout, or a cancel
  server,   ///< lost, shutting down, out of memory or disk, a deadlock with others
};
Blame blame(const runner::ServerMessage& said);

/// Does the SQLSTATE say that the file failed only because it shared a transaction with others?
bool may_pass_alone(const runner::ServerMessage& said);

/// Which part of the message failed.
enum class Failed { in_file, after_file };
Failed failed_part(const runner::SqlError& error, const Framing& framing);

/// `migration-fails`, or `constraint-fails-at-commit` for what failed after the file's own
/// statements.
core::Finding failure_finding(const runner::Migration& migration, const runner::SqlError& error,
                              const Framing& framing);

/// `relation "x" does not exist (SQLSTATE 42P01)`, with detail and hint.
std::string told(const runner::ServerMessage& said);

/// An exception as a reason on one line: message, where and fix.
std::string reason_of(const std::exception& exception);

}  // namespace gauntlet::verify
