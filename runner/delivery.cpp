#include "runner/delivery.h"

#include "runner/error.h"
#include "runner/statement.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

std::string place_of(const Migration& migration, const Statement& statement) {
  return place_text(migration, place_of_byte(migration.up.sql(), statement.offset));
}

Error copies_from_stdin(const Migration& migration, const Statement& statement) {
  return {"copy-from-stdin",
          fmt::format("migration {} says COPY … FROM STDIN, and a migration has no data to send",
                      to_string(migration)),
          place_of(migration, statement),
          "write the rows as INSERT statements, or COPY from a file on the server"};
}

Error controls_transaction(const Migration& migration, const Statement& statement,
                           const std::string& words) {
  return {"transaction-control",
          fmt::format("migration {} says {}, but runs inside a transaction of the runner's",
                      to_string(migration), words),
          place_of(migration, statement),
          fmt::format(
              "remove {}; or put `-- gauntlet: no-transaction` on the file's first line, to run "
              "it statement by statement",
              words)};
}

Error needs_directive(const Migration& migration, const Statement& statement,
                      const std::string& words) {
  return {"needs-no-transaction",
          fmt::format("migration {} says {}, which cannot run inside a transaction",
                      to_string(migration), words),
          place_of(migration, statement),
          "put `-- gauntlet: no-transaction` on the file's first line"};
}

}  // namespace

Delivery delivery_of(const Migration& migration, NoTransaction mode) {
  const Split parts = split(migration.up.sql());
  const bool marked =
      mode != NoTransaction::whole_file && directives_of(migration.up.sql()).no_transaction;
  const bool lone = parts.statements.size() == 1;
  auto delivery = marked ? Delivery::by_statement : Delivery::in_transaction;
  for (const Statement& statement : parts.statements) {
    const StatementNeeds needs = needs_of(statement.sql);
    if (needs.copies_from_stdin) throw copies_from_stdin(migration, statement);
    if (marked || (!needs.transaction_control && !needs.no_transaction)) continue;
    if (mode == NoTransaction::whole_file) {
      delivery = Delivery::whole_file;
    } else if (needs.transaction_control) {
      throw controls_transaction(migration, statement, *needs.transaction_control);
    } else if (mode == NoTransaction::automatic && lone) {
      delivery = Delivery::by_statement;
    } else {
      throw needs_directive(migration, statement, *needs.no_transaction);
    }
  }
  return delivery;
}

std::string place_text(const Migration& migration, Place place) {
  return fmt::format("{}:{}:{}", migration.up.file.string(), place.line, place.column);
}

std::vector<std::string> unknown_directives(const Migration& migration) {
  std::vector<std::string> unknown = directives_of(migration.up.sql()).unknown;
  // `ignore` speaks to whoever checks migrations, not to whoever runs them.
  std::erase_if(unknown,
                [](const std::string& line) { return line.find("ignore ") != std::string::npos; });
  return unknown;
}

}  // namespace gauntlet::runner
