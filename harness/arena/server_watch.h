// Whether a server ended or was restarted between two moments: then what failed in between is not
// the subject's fault. One thread at a time.
#pragma once

#include "harness/arena/address.h"

#include <set>
#include <string>

namespace gauntlet::arena {

class ServerWatch {
 public:
  /// Notes who the server is now. A server that cannot be reached counts as lost from the start.
  explicit ServerWatch(const Address& maintenance);

  /// It cannot be reached any more, its postmaster is another one, or a process of it crashed and
  /// took all others with it. False for a SQLite file.
  bool was_lost() const;

 private:
  /// The postmaster's start time, and the processes that live as long as no crash ends them.
  struct Identity {
    std::string started;
    std::set<std::string> processes;
  };
  Identity identity() const;

  Address maintenance_;
  bool is_file_;
  bool was_reached_ = true;
  Identity before_;
};

}  // namespace gauntlet::arena
