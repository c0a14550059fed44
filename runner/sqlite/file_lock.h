// A lock between processes that ends with its holder, however that ends: flock(2) on a file beside
// the database. What SQLite has no lock for: a migration that runs outside a transaction, a hook.
#pragma once

#include <filesystem>
#include <memory>

namespace gauntlet::runner {

/// Belongs to one thread.
class FileLock {
 public:
  /// The lock of `file`, which is there only while somebody holds it, or died holding it.
  explicit FileLock(std::filesystem::path file) : file_(std::move(file)) {}

  /// Released, and the file removed, when the last copy of the value goes. Null while another
  /// FileLock has it, in this process or another; who has it already is given it again.
  /// Throws: Error `cannot-lock`.
  std::shared_ptr<const void> try_hold();

 private:
  std::filesystem::path file_;
  std::weak_ptr<const void> held_;
};

}  // namespace gauntlet::runner
