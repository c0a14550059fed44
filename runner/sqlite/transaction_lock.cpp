#include "runner/sqlite/transaction_lock.h"

#include "runner/sqlite/file_lock.h"
#include "runner/sqlite/sqlite_holder.h"

#include <utility>

namespace gauntlet::runner {

namespace {

class TransactionLock final : public Lock {
 public:
  TransactionLock(Session& session, std::int64_t key, std::string table)
      : session_(session), key_(key), table_(std::move(table)) {}

  const std::string& table() const override { return table_; }
  std::int64_t key() const override { return key_; }
  LockMode mode() const override { return LockMode::transaction; }
  bool lasts_a_run() const override { return false; }
  bool covers_outside() const override { return true; }

  std::string take_statement(const std::string&) const override { return {}; }
  void refuse_pooler(int, SessionSource&) const override {}
  std::string transaction_statement() const override { return {}; }
  std::vector<OwnStatement> opening() const override {
    return {{Purpose::turn, "BEGIN IMMEDIATE"}};
  }

  std::shared_ptr<const void> try_beside() const override {
    if (!beside_) beside_ = std::make_unique<FileLock>(lock_beside(file()));
    return beside_->try_hold();
  }

  std::string proof_statement() const override { return {}; }
  std::string session_proof_statement() const override { return {}; }
  std::string release_statement() const override { return {}; }
  std::string listen_statement() const override { return {}; }
  std::string unlisten_statement() const override { return {}; }
  std::string notify_statement(const std::string&) const override { return {}; }

  std::string holder_text() const override {
    const auto held = lock_holder(file());
    return held ? held->text() : "another connection to " + file();
  }

 private:
  // As SQLite resolved it, so that every name of the file makes the same one.
  std::string file() const {
    return session_.send("PRAGMA database_list").front().rows.front()[2].value_or("");
  }

  Session& session_;
  std::int64_t key_;
  std::string table_;
  mutable std::unique_ptr<FileLock> beside_;
};

}  // namespace

std::unique_ptr<Lock> make_transaction_lock(Session& session, std::int64_t key, std::string table) {
  return std::make_unique<TransactionLock>(session, key, std::move(table));
}

std::optional<LockHolder> lock_holder(const std::filesystem::path& file) {
  const auto holder = sqlite_holder(file);
  if (!holder) return std::nullopt;
  return LockHolder{.pid = holder->pid, .application = holder->program, .file = file.string()};
}

}  // namespace gauntlet::runner
