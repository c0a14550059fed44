// What a client asks for in one go, and what a gate may therefore hold, change or refuse: a simple
// query, a batch of extended messages up to its Sync or Flush, a function call, a farewell. Values.
#pragma once

#include "harness/sql/edit.h"
#include "harness/wire/value.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

/// One SQL text of a client; shared by the name it was prepared under and by every request that
/// runs it, so that what was sent in its place is known wherever an answer speaks of it.
struct Statement {
  std::string name = {};                       ///< empty for the unnamed one and for a simple query
  std::string sql = {};                        ///< as the client wrote it
  std::vector<std::uint32_t> types = {};       ///< of the first parameters, where the client said
  std::optional<sql::EditedSql> sent_as = {};  ///< what the server got instead
};

/// One message of a request, with what it refers to resolved.
struct Message {
  enum class Kind {
    query,
    parse,
    bind,
    describe_statement,
    describe_portal,
    execute,
    close,
    function_call,
    unreadable,  ///< of these, but its body is not what the manual says; the server will refuse it
  };

  Kind kind = Kind::unreadable;
  std::size_t offset = 0, length = 0;                     ///< of its frame in the request's bytes
  std::string name = {};                                  ///< of the statement or portal it names
  std::shared_ptr<Statement> statement = {};              ///< null where the name is not known
  std::shared_ptr<const std::vector<Value>> values = {};  ///< of a bind, and of what it executes
};

struct Request {
  enum class Kind { query, batch, function_call, terminate };
  /// What ends a batch: `cut` where another kind of message follows, or where it grew too long.
  enum class End { sync, flush, cut };

  std::uint64_t id = 0;  ///< counts from 1 in each session
  Kind kind = Kind::query;
  End end = End::sync;  ///< of a batch; sync for the others
  std::vector<Message> messages = {};
  std::string bytes = {};  ///< what goes to the server, the Sync or Flush included

  /// Does the server answer it with ReadyForQuery?
  bool gives_ready() const noexcept { return kind != Kind::terminate && end == End::sync; }
  /// Does it run anything? A batch that only prepares is housekeeping, and where a client does that
  /// differs by its library's version.
  bool executes() const noexcept;
};

/// `SELECT pg_advisory_lock($1) (7)`; several joined by `; `. What is no statement is told in
/// words.
std::string to_string(const Request& request);

/// Gives another text for a statement's, or nullopt to leave it.
using Rewrite = std::function<std::optional<sql::EditedSql>(std::string_view sql)>;

/// Rewrites the SQL of a Query and of every Parse in place, lengths recomputed, and notes in each
/// statement what was sent for it. Returns whether anything changed.
bool rewrite(Request& request, const Rewrite& change);

}  // namespace gauntlet::wire
