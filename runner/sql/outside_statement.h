// What one statement does to a migration that runs outside a transaction: whether it can share a
// transaction with the mark that follows it, and what it can leave behind when it fails or when its
// process dies. Pure; any thread may call.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::runner {

struct OutsideStatement {
  enum class Kind {
    framed,      ///< runs in a transaction of the runner's, together with its mark
    setting,     ///< changes the session alone, so `resume` sends it again
    control,     ///< BEGIN, COMMIT … of the file's own transaction
    repeatable,  ///< may have done a part of its work, and may do it again without harm: VACUUM
    object,      ///< makes or removes one object that can be looked up
    commits,     ///< CALL, DO: may have committed a part of its work
    unknown,     ///< no grammar of ours knows it
  };
  enum class Object {
    none,
    index,
    reindex,
    partition,
    database,
    tablespace,
    subscription,
    prepared
  };
  enum class Change { makes, removes };

  Kind kind = Kind::framed;
  Object object = Object::none;
  Change change = Change::makes;
  std::string words = {};  ///< `CREATE INDEX CONCURRENTLY`, for messages
  /// Of the object: quoted and perhaps qualified where it is a relation that is looked up by the
  /// search path, else bare; empty where it has none.
  std::string name = {};
  std::string table = {};        ///< the index's, or the partition's parent; quoted for SQL
  bool makes_temporary = false;  ///< a table, view or sequence that ends with its session
};

/// Never throw for any text.
OutsideStatement outside_statement_postgres(std::string_view sql);
OutsideStatement outside_statement_sqlite(std::string_view sql);

}  // namespace gauntlet::runner
