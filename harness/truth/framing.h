// How a runner sent the files of a folder, read from one history of it: which statements of which
// file reached the server, between which transactions, after which settings. Pure.
#pragma once

#include "harness/core/history.h"
#include "runner/source/source.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gauntlet::truth {

/// One migration file as it lies on disk.
struct File {
  std::string name;  ///< `003_orders.up.sql`
  std::int64_t version = 0;
  std::string sql;
  /// How the file is sent when no run showed it: its format's way.
  bool in_transaction = true, by_statement = false;
};

/// The boundaries that a runner puts around one file.
struct Framing {
  enum class Transaction {
    none,    ///< no BEGIN before the file
    own,     ///< a transaction of the file's own
    shared,  ///< still the transaction of the file before
  };
  Transaction transaction = Transaction::own;
  bool by_statement = false;  ///< one message a statement
  bool new_session = false;   ///< on another connection than the file before
};

/// A statement that is no part of any file, with its parameters.
struct OwnStatement {
  std::string sql;
  std::vector<std::optional<std::string>> parameters = {};
  std::size_t session = 0;  ///< a setting is one of its connection alone
};

/// What one run showed of one file.
struct SeenFile {
  std::optional<Framing> framing;           ///< absent: no statement of the file was sent
  std::size_t statements = 0;               ///< on disk
  std::vector<std::size_t> unsent;          ///< positions of statements that were not sent
  std::optional<std::string> refused = {};  ///< SQLSTATE of a statement that the server refused
};

/// What one run of a runner showed.
struct Sent {
  bool was_watched = false;     ///< false: no run was watched, every file goes its format's way
  std::vector<SeenFile> files;  ///< by position in the folder
  /// Role, search_path and settings, timeouts aside, that the runner sets before the first file,
  /// and what it creates by then (its tracker): of the session, and of each file's transaction.
  std::vector<OwnStatement> session_setup, transaction_setup;
  std::size_t session = 0;                  ///< the connection that sends the first file
  std::vector<OwnStatement> between_files;  ///< the settings that it sends between two files
  /// Settings of the start-up packet of the connection that sends the first file: `search_path`
  /// and `app`.
  std::vector<std::pair<std::string, std::string>> startup = {};
  std::string user = {};          ///< as whom it connects; empty: not seen
  std::vector<OwnStatement> own;  ///< the other statements of the runner: its tracker's, its lock's
  /// Settings that make a file say something else than by itself; plain application has none.
  std::vector<std::string> twisting = {};
  /// Set if a statement was sent in another form than the file's; names the first difference.
  std::string not_as_written = {};
};

/// Reads the steps of replica 0.
Sent read_sent(const core::History& history, const std::vector<File>& files);

/// Nothing was watched: every file goes its format's way.
Sent not_watched(const std::vector<File>& files);

/// Tables that the runner creates and no file mentions, by bare name in lower case.
std::set<std::string> tables_made_beside(const Sent& sent, std::string_view file_texts);

/// `statement 2 of 3 of 001_accounts.up.sql was not sent: INSERT INTO …`, the first few; empty if
/// everything was.
std::string unsent_text(const Sent& sent, const std::vector<File>& files);

}  // namespace gauntlet::truth
