// What the tests of this room stand on: a folder of migrations, and a server that plays the user's.
// For tests only; one thread.
#pragma once

#include "harness/arena/server.h"
#include "harness/verify/check.h"
#include "runner/values/session.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify::test {

/// A folder that is gone, with its files, on destruction.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// `001_a.up.sql` and its bytes.
  Folder& add(const std::string& name, std::string_view sql);
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A server with a database `app`, given to Gauntlet as a user would.
class GivenServer {
 public:
  explicit GivenServer(const arena::ServerOptions& options = {});

  arena::Address address() const;
  /// A session of somebody else's on it.
  std::unique_ptr<runner::Session> connect() const;
  void run(std::string_view sql) const;
  std::string value(std::string_view query) const;  ///< of the first column of the first row

 private:
  std::unique_ptr<arena::Server> server_;
};

Options options_for(const Folder& folder, const std::string& database);

/// The result of the one check `id`.
core::Result judge(const Options& options, const std::string& id);

/// The result of `dry-run` on a throwaway server, or on a given one.
core::Result dry_run_of(const Folder& folder);
core::Result dry_run_of(const Folder& folder, const GivenServer& server);

/// Ids of the findings, in order.
std::vector<std::string> ids_of(const core::Result& result);

/// All notes, a line each.
std::string notes_of(const core::Result& result);

/// All that a result says in words: its reason, its findings' messages, its notes.
std::string told_by(const core::Result& result);

/// `ok`, `failed` …: the outcome of every file, in order.
std::vector<std::string> outcomes_of(const core::Result& result);

}  // namespace gauntlet::verify::test
