// A given scratch server as its guest: our control session there, and the databases that we made.
//
// The control session holds an advisory lock whose key comes from our owner text, from before the
// first database is made until the last is gone: so a sweep on another machine can tell that we
// live. Any thread may call; one statement at a time.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/connection.h"
#include "harness/arena/given_visits.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::arena {

class GivenServer {
 public:
  /// Connects, takes the lock, and sweeps. Throws: Error `connect-failed`.
  explicit GivenServer(const Address& given);
  GivenServer(const GivenServer&) = delete;
  GivenServer& operator=(const GivenServer&) = delete;

  const Address& given() const { return given_; }
  /// Database `postgres`, or the given one where we may not enter that.
  const Address& maintenance() const { return maintenance_; }

  /// An empty database. Throws: Error `needs-createdb`, `cannot-create-database`.
  std::string create_empty();

  /// A copy by TEMPLATE if that can be had now; else nullopt, with the reason in `objection`.
  std::optional<std::string> create_from_given(std::string& objection);

  /// A copy of a database of ours, in which nobody is. Throws: Error `needs-createdb`,
  /// `cannot-create-database`.
  std::string create_from(const std::string& ours);

  /// Throws: Error `cannot-copy` if the server's disk, where it is this machine's and may be looked
  /// at, has less room than `bytes`.
  void refuse_unless_room_for(std::uint64_t bytes);

  /// Copies the settings that the given database has (ALTER DATABASE … SET, ALTER ROLE … IN
  /// DATABASE). Returns the names of those that this role may not set.
  std::string copy_settings_to(const std::string& name);

  void drop(const std::string& name);
  void keep(const std::string& name);  ///< marks it: no sweep takes it

  /// One question on the control session.
  std::vector<Row> ask(const std::string& sql,
                       const std::vector<std::optional<std::string>>& parameters = {});
  int version();

 private:
  Connection& control();  ///< connected again, and locked, if it was lost; with mutex_ held
  std::string create(const std::string& template_name, const std::string& like);
  void wait_for_own_sessions_to_end();
  std::string objection_to_template();

  Address given_, maintenance_;
  std::mutex mutex_;
  std::optional<Visit> visit_;
  std::optional<Connection> control_;
};

}  // namespace gauntlet::arena
