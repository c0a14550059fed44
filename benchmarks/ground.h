// Where a benchmark's programs run: a throwaway server, databases on it, folders of migrations, and
// processes released together. Belongs to one thread, which outlives the processes it starts.
#pragma once

#include "harness/arena/connection.h"
#include "harness/arena/server.h"
#include "harness/process/process.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gauntlet::benchmarks {

/// A folder of files, gone on destruction.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// `NNNNN_step.up.sql`. Returns the file.
  std::filesystem::path add_migration(int number, const std::string& sql) const;
  std::filesystem::path add(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

class Ground {
 public:
  /// `init_sql` is in each database from the start.
  explicit Ground(const std::string& init_sql = {});

  /// A database `name` as new, replacing the one of before.
  arena::Address fresh(const std::string& name = "subject");
  const arena::Server& server() const { return *server_; }

 private:
  std::unique_ptr<arena::Server> server_;
  arena::Connection control_;
};

/// A program of this build; `arguments` follow its name.
process::Command program(const std::string& name, const std::vector<std::string>& arguments);
/// `gauntlet-migrate COMMAND` on the folder, at the address.
process::Command migrate(const std::string& command, const arena::Address& address,
                         const Folder& migrations);

/// Asks until `condition` gives true. Throws: Error `program-failed` after a minute.
void await(arena::Connection& watcher, const std::string& condition);

/// `count` copies, held, let go together; each must end with 0 (or the code that is expected).
struct Storm {
  double milliseconds;                          ///< until the last had ended
  std::chrono::system_clock::time_point ended;  ///< when, by the clock that the server has, too
};
/// Throws: Error `program-failed` with what it said.
Storm release_together(process::Command command, int count);
/// The same of `count` copies that `release` lets go by other means; they were started.
Storm until_all_end(std::vector<process::Process>& copies, const std::function<void()>& release);
/// One program from its start to its end.
double time_of(const process::Command& command);

}  // namespace gauntlet::benchmarks
