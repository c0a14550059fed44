// The database in which one schedule after another runs. Before each of them it is as a fresh one.
// One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/explore/footprint.h"
#include "harness/schedule/blocked.h"
#include "harness/schedule/overlaps.h"
#include "harness/schedule/reused_sessions.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gauntlet::schedule {

class ExploredDatabase {
 public:
  /// The arena outlives it. Throws: Error of the arena.
  explicit ExploredDatabase(arena::Arena& arena);

  /// Removes what the run before left. Where that cannot be done inside the database, a fresh one
  /// takes its place, before which `let_go` ends all other sessions. Throws: Error of the arena.
  void reset(const std::function<void()>& let_go);

  const arena::Database& database() const { return *database_; }
  const arena::Address& address() const { return database_->address(); }
  ReusedSessions& sessions() { return *sessions_; }
  BlockedSessions& server() { return *server_; }
  Overlaps& overlaps() { return *overlaps_; }
  explore::Footprints& footprints() { return footprints_; }
  /// One query's reply: what tells two outcomes apart without reading them whole. It has the names
  /// of all relations and their columns, the number of rows of each table, and leftover locks.
  std::string screen();
  /// Ends every session of the database but our own.
  void end_sessions();
  std::size_t fresh_databases() const { return fresh_; }

 private:
  void open_fresh();
  std::string pristine_text();

  arena::Arena& arena_;
  std::unique_ptr<arena::Database> database_;
  std::unique_ptr<BlockedSessions> server_;
  std::unique_ptr<ReusedSessions> sessions_;
  std::unique_ptr<Overlaps> overlaps_;
  std::optional<arena::Connection> inside_;
  explore::Footprints footprints_;
  std::string pristine_;  ///< empty: the role may not clean the database
  std::size_t resets_ = 0, fresh_ = 0;
};

}  // namespace gauntlet::schedule
