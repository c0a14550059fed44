// Whether a database does anything for the copies of a program, as the server's own views tell it.
// Asked in the maintenance database: in the copies' own no session of ours may stand, since some
// statements refuse to run beside one. Of a SQLite file, whether it changes. One thread.
#pragma once

#include "harness/arena/arena.h"

#include <memory>
#include <set>
#include <string>

namespace gauntlet::arena {
class Connection;
}

namespace gauntlet::fleet {

class StandstillServer {
 public:
  explicit StandstillServer(const arena::Database& database);  ///< which outlives it
  ~StandstillServer();
  StandstillServer(const StandstillServer&) = delete;
  StandstillServer& operator=(const StandstillServer&) = delete;

  /// Looks once. True where a statement runs and waits for no lock, where a text came that was not
  /// there before, where rows were written; also where the server cannot be asked.
  bool has_progressed();
  /// The same statements came again, with nothing written.
  bool repeats() const { return repeats_; }
  /// Who keeps a session of it waiting from outside of this database; empty: nobody.
  const std::string& outside() const { return outside_; }
  void forget();  ///< what was seen until now is no longer compared with

 private:
  bool file_has_changed();
  bool sessions_have_progressed();

  const arena::Database& database_;
  std::unique_ptr<arena::Connection> connection_;
  std::set<std::string> texts_;  ///< all that were seen
  std::string signature_, writes_;
  bool has_looked_ = false, repeats_ = false;
  std::string outside_;
};

}  // namespace gauntlet::fleet
