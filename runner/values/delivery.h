// How one migration's file reaches the server, decided from its text alone. Pure; any thread may
// call.
#pragma once

#include "runner/values/direction.h"
#include "runner/values/engine.h"
#include "runner/values/migration.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// What to do with a file that cannot run inside a transaction.
enum class NoTransaction {
  directive,   ///< only with the header `-- gauntlet: no-transaction`; else it is refused
  automatic,   ///< also, without one, a file whose only statement cannot
  whole_file,  ///< as golang-migrate: any such file, also one that says BEGIN and COMMIT itself or
               ///< only calls a procedure, which may commit, is sent as it stands, in one message
               ///< outside a transaction of ours
};

enum class Delivery {
  in_transaction,  ///< body and record in one transaction, in one message
  by_statement,    ///< outside a transaction, a message a statement
  whole_file,      ///< as it stands, one message outside a transaction of ours
};

/// Throws: Error `psql-command`, `contradicting-directives`, `copy-from-stdin`,
/// `transaction-control`, `needs-no-transaction`: with the place; `code-outside-transaction` where
/// a file that runs outside one has code beside it.
Delivery delivery_of(const Migration& migration, NoTransaction mode,
                     Direction direction = Direction::up, Engine engine = Engine::postgres);

/// `path/003_x.up.sql:2:15`, as compilers print it.
std::string place_text(std::string_view file, Place place);

/// Header lines `-- gauntlet: …` that mean nothing on this engine and that no other part of the
/// program uses.
std::vector<std::string> unknown_directives(const Migration& migration, Engine engine);

}  // namespace gauntlet::runner
