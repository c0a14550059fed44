// Subjects and their concurrent copies: started, held, released together, always collected.
// Each call uses processes of its own and may run on any thread; the copies die with that thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/fleet/standstill.h"
#include "harness/process/process.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::fleet {

/// Whatever applies migrations when told to: a command line.
///
/// In `command` and `environment` these are replaced: {url} {host} {port} {user} {password}
/// {database} {path} {migrations} {work}, the last a fresh empty folder of this copy's own; {path}
/// is that of a SQLite file. DATABASE_URL, PGHOST … are in its environment.
struct Subject {
  std::string name;                  ///< what reports call it
  std::vector<std::string> command;  ///< split already
  std::vector<int> success_codes = {0};
  std::map<std::string, std::string> environment = {};
  std::filesystem::path directory = {};  ///< where it runs; empty: in {work}
  bool work_is_its_project = false;      ///< {work} stands for what {migrations} stands for
};

/// gauntlet-migrate of this installation, which lies beside this program (or is named by
/// GAUNTLET_MIGRATE). An empty `statement_timeout` leaves the target's own in force.
/// Throws: Error `no-runner`.
Subject reference_subject(const std::string& no_transaction_mode,
                          const std::string& statement_timeout);

/// `--runner CMD`. It runs where we were started, as the command would if it were typed there.
/// Throws: Error `bad-command`, `unknown-placeholder`.
Subject command_subject(const std::string& command_line, std::vector<int> success_codes);

/// What the placeholders stand for, by name without braces.
using Values = std::map<std::string, std::string>;

/// Replaces the placeholders in one word: lower-case names in braces, but neither `${name}`, which
/// is a shell's, nor `{{name}}`, which becomes `{name}`. Throws: Error `unknown-placeholder` naming
/// those there are.
std::string expand(const std::string& word, const Values& values);

/// Whether it would be replaced in one of the words, or in a variable's value.
bool names(const Subject& subject, const std::string& placeholder);

/// The values that a subject is given.
Values placeholder_values(const arena::Address& address, const std::filesystem::path& migrations,
                          const std::filesystem::path& work);

/// The command that starts one copy, its placeholders replaced by `values`. Nothing in it or in its
/// environment leads to a database other than `address`.
process::Command command_of(const Subject& subject, const arena::Address& address,
                            const Values& values);

/// A fresh empty folder, removed with all that is in it on destruction.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// `text` with every occurrence of the address's password replaced by `***`: programs print their
/// URLs.
std::string without_password(std::string text, const arena::Address& address);

/// One copy, to its end; killed after `patience`, or once it stands still as `standstill` has it.
/// The history has one replica; no password is in it. Throws: Error `cannot-start`.
core::History run_once(const Subject& subject, const arena::Database& database,
                       const std::filesystem::path& migrations, std::chrono::milliseconds patience,
                       const std::optional<StandstillOptions>& standstill = {});

/// How a race is held together, and its bounds.
struct RaceOptions {
  std::size_t replicas = 16;
  std::chrono::milliseconds patience{60'000};  ///< from their release; after it the rest is killed
  /// How long the first session waits at the door for the others: less than the shortest time (5 s)
  /// after which a client in use gives up connecting. 0: there is no door, they are only started
  /// together.
  std::chrono::milliseconds door_patience{4'000};

  /// In the door's place: nobody may write to `tables` (see hold.h) until nobody new has come to
  /// wait there for `settled`; then all who wait go on, and the next writes are held, for `total`
  /// after the first came. In a SQLite file nobody may write to any table until `settled` after
  /// the last replica opened it; each is held once.
  struct Held {
    std::string tables;
    std::chrono::milliseconds settled{150};
    std::chrono::milliseconds total{1'500};
  };
  std::optional<Held> held = {};

  /// Called when all have ended, before whatever they left running in the background is killed.
  std::function<void()> when_ended = {};
};

/// `replicas` copies, released together. They are let into the database only when all of them stand
/// at its door (see door.h) or the first has stood there for `door_patience`: the history says how
/// many did, or, with `held`, how many were held at once. Throws: Error `no-door`, `no-hold` when
/// the database cannot be held.
core::History race(const Subject& subject, const arena::Database& database,
                   const std::filesystem::path& migrations, const RaceOptions& options);

}  // namespace gauntlet::fleet
