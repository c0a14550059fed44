// Harm that a runner may suffer at a statement, as data: one small file a harm, named as its users
// name it. Who does it is the room `crash`. Values; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::fault {

struct Harm {
  /// Where the statement is when the harm is done.
  enum class When {
    before,    ///< it stands at the gate: the server has not seen it
    running,   ///< the server is seen to run it, held by a lock of ours, which is then let go
    executed,  ///< the server has executed it; the client has not seen the reply
  };
  enum class What {
    cut,          ///< the connection ends; the client lives on
    kill,         ///< SIGKILL to the client, and to all that it started
    terminate,    ///< pg_terminate_backend: the server ends the session and says so
    pause,        ///< SIGSTOP to the client, and SIGCONT once a rerun has ended or waits
    refuse,       ///< the client is told an error, `sqlstate`; nothing is sent
    delay,        ///< it is sent `time` later
    ask_to_end,   ///< SIGTERM to the client, and SIGKILL `time` later
    stop_server,  ///< the server is stopped by `signal` and started again
    deny_unlock,  ///< the server answers a release of an advisory lock with false
  };

  std::string id;          ///< `cut-before`, `refused=42501`
  std::string_view words;  ///< what happens, a sentence without its subject's place
  When when = When::before;
  What what = What::cut;
  std::string sqlstate = {};
  std::chrono::milliseconds time{0};
  int signal = 0;        ///< to the server's first process
  bool is_swept = true;  ///< also where nobody names it

  bool stops_server() const { return what == What::stop_server; }
};

Harm cut_before();
Harm cut_after();
Harm lost_reply();
Harm killed();
Harm terminated();
Harm paused();
Harm refused();
Harm delayed();
Harm unlock_false();
Harm stopped_gracefully();
Harm terminated_running();
Harm server_fast();
Harm server_immediate();

/// All of them; those that a sweep does where nobody names any come first.
const std::vector<Harm>& harms();
/// `refused=SQLSTATE` is refused() with another error. Absent if there is none of this name.
std::optional<Harm> find_harm(std::string_view id);

}  // namespace gauntlet::fault
