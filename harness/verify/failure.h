// What the server said about a migration becomes a finding: in which file, where, and what to do.
// Pure.
#pragma once

#include "harness/core/verdict.h"
#include "harness/verify/base_schema.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify {

/// How the message that failed was put together around a part of the file.
struct Framing {
  std::size_t prefix_characters = 0;  ///< of ours before the file's text
  std::size_t prefix_statements = 0;
  std::size_t offset = 0;      ///< bytes of the file's sql() before the part that was sent
  std::string_view part = {};  ///< what was sent of the file
  /// Of a file that is sent statement by statement: which one this was, from 1, of how many. Those
  /// before it stay.
  std::size_t statement = 0, statements = 0;
};

/// What else is known about a failure, from the database and from the other files.
struct Around {
  std::string role = {};            ///< the one that the statement ran as
  std::string server_version = {};  ///< `15.20`
  bool is_ephemeral = false;        ///< the server is one of ours, so that another can be chosen
  std::vector<std::string> invalid_indexes = {};  ///< that the failed file left
  /// The target's own statement_timeout (its database's or its role's), as `60ms`; empty: ours.
  std::string own_timeout = {};
  std::span<const runner::Migration> all = {};  ///< the whole folder
  std::string owner = {};  ///< of the object that a refused right is about; empty: not known
  /// Of a file that met an object of its own: `statement 1 (table a)`, for each that was there
  /// before the file began and that no other file creates.
  std::vector<std::string> already_there = {};
  /// Of a file that misses an object: the SQL file outside the folder that creates it.
  BaseFile base_file = {};
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

/// Could values have done it that a transaction freezes, as now() and its id? Then a file that is
/// not the first of its transaction is accused only after it had one of its own.
bool may_be_frozen_values(const runner::ServerMessage& said);

/// Which part of the message failed.
enum class Failed { in_file, after_file };
Failed failed_part(const runner::SqlError& error, const Framing& framing);

/// `migration-fails`, or `constraint-fails-at-commit` for what failed after the file's own
/// statements.
core::Finding failure_finding(const runner::Migration& migration, const runner::SqlError& error,
                              const Framing& framing, const Around& around = {});

/// `relation "x" does not exist (SQLSTATE 42P01)`, with detail, hint and context.
std::string told(const runner::ServerMessage& said);

/// An exception as a reason on one line: message, where and fix.
std::string reason_of(const std::exception& exception);

}  // namespace gauntlet::verify
