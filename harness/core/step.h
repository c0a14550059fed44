// One statement at the gate, what was ruled about it, and what came of it. Values; no effects.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::core {

/// One connection of one replica, both counted from 0.
struct SessionId {
  std::size_t replica = 0;
  std::size_t number = 0;

  friend auto operator<=>(const SessionId&, const SessionId&) = default;
};

/// What a session is about to do, before it crosses to the server.
struct Step {
  enum class Kind {
    message,  ///< one or more statements, sent as one message
    query,    ///< one statement with parameters
    prepare,  ///< nothing is run: the server is only told a text, or asked about one
    wait,     ///< nothing is sent: it waits for a notification; `sql` is empty
  };

  SessionId session = {};
  std::size_t index = 0;  ///< of this session's steps, from 0
  Kind kind = Kind::message;
  std::string sql = {};
  std::vector<std::optional<std::string>> parameters = {};
};

/// What the gate rules about a step. A fault is a ruling, too.
struct Ruling {
  enum class What {
    proceed,
    rewrite,      ///< `text` is sent in its place
    answer,       ///< nothing is sent: the session is told success, with the tag `text`
    refuse,       ///< nothing is sent: the session is told an error, `sqlstate` and `text`
    lose_before,  ///< the connection ends; nothing was sent
    lose_after,   ///< it was executed, the connection ended, and the reply was never seen
    die_before,   ///< the replica itself ends there, as by SIGKILL
    die_after,    ///< the same, after the reply was seen
  };

  What what = What::proceed;
  std::string text = {};
  std::string sqlstate = {};
  /// Of a rewrite on the wire: does the client believe from here on that its transaction is open?
  std::optional<bool> told_open = {};
  /// Of a rewrite that comes to a batch of several statements on the wire: in its place BEGIN,
  /// COMMIT and ROLLBACK are answered, and each other statement runs by itself.
  bool separately = false;
};

std::string_view to_string(Step::Kind kind);
std::string_view to_string(Ruling::What what);

/// One statement's result, as far as an oracle may want it.
struct StatementReply {
  std::string tag = {};                   ///< the command tag, `CREATE TABLE`
  std::size_t rows = 0;                   ///< how many there were
  std::optional<std::string> value = {};  ///< the first value of the first row, at most 200 bytes
};

/// What came of a step.
struct Reply {
  enum class Ending {
    answered,  ///< every statement completed
    refused,   ///< one failed: `sqlstate` and `message` are set
    lost,      ///< the connection ended: whether it took effect is in doubt
  };

  Ending ending = Ending::answered;
  std::vector<StatementReply> statements = {};  ///< those that completed
  std::string sqlstate = {}, message = {};
  bool in_transaction = false;  ///< a transaction is open, or has failed and is open
};

std::string_view to_string(Reply::Ending ending);

}  // namespace gauntlet::core
