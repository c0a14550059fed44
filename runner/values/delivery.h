// How one migration's file reaches the server. Values.
#pragma once

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

}  // namespace gauntlet::runner
