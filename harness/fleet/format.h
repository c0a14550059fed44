// What a migration tool's conventions ask of a file: markers, pairing, and how it is sent. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::fleet {

/// How a tool sends one file to the server.
enum class Delivery {
  in_transaction,  ///< BEGIN; file; record; COMMIT
  as_one_message,  ///< the file as it stands, in one message: an implicit transaction if it has two
                   ///< statements
  by_statement,    ///< outside a transaction, one message a statement
};

struct Format {
  std::string_view name;
  /// May a file say BEGIN and COMMIT itself?
  bool own_transactions = false;
  /// May a file without a marker consist of one statement that cannot run in a transaction?
  bool lone_statement = false;
  /// Is `-- gauntlet: no-transaction` its marker?
  bool marker = false;
  /// The option that makes gauntlet-migrate follow these conventions.
  std::string_view runner_mode;  ///< value of --no-transaction
};

const std::vector<Format>& formats();              ///< gauntlet, golang-migrate
const Format* find_format(std::string_view name);  ///< null if unknown

}  // namespace gauntlet::fleet
