#include "runner/apply/decide_delivery.h"

#include "runner/apply/task.h"
#include "runner/sql/statement.h"
#include "runner/values/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

std::string place_of(const Task& task, const Statement& statement) {
  return task.where(place_of_byte(task.sql(), statement.offset));
}

Error copies_from_stdin(const Task& task, const Statement& statement) {
  return {
      "copy-from-stdin",
      fmt::format("{} says COPY … FROM STDIN, and a migration has no data to send", task.name()),
      place_of(task, statement),
      "write the rows as INSERT statements, or COPY from a file on the server"};
}

// psql would run it; the server refuses it, or, statement by statement, never sees it.
Error has_psql_commands(const Task& task, const std::vector<std::size_t>& offsets) {
  std::string places;
  for (const std::size_t offset : offsets) {
    if (!places.empty()) places += "\n         ";
    places += task.where(place_of_byte(task.sql(), offset));
  }
  return {"psql-command",
          fmt::format("{} has commands of psql, which the server does not know", task.name()),
          places, "take them out, or write them as SQL: what `\\i` includes belongs in the file"};
}

Error controls_transaction(const Task& task, const Statement& statement, const std::string& words) {
  return {
      "transaction-control",
      fmt::format("{} says {}, but runs inside a transaction of the runner's", task.name(), words),
      place_of(task, statement),
      fmt::format(
          "remove {}; or put `-- gauntlet: no-transaction` on the file's first line, to run "
          "it statement by statement",
          words)};
}

Error needs_directive(const Task& task, const Statement& statement, const StatementNeeds& needs,
                      const Directives& directives) {
  std::string fix = "put `-- gauntlet: no-transaction` on the file's first line";
  if (!needs.instead.empty()) {
    const std::string otherwise =
        "; or put `-- gauntlet: no-transaction` there, to run it statement by statement";
    fix = "take it out: " + needs.instead + (directives.rebuild ? "" : otherwise);
  }
  return {"needs-no-transaction",
          fmt::format("{} says {}, which cannot run inside a transaction", task.name(),
                      *needs.no_transaction),
          place_of(task, statement), fix};
}

Error contradicts_itself(const Task& task) {
  return {"contradicting-directives",
          fmt::format("{} says both `rebuild` and `no-transaction`", task.name()), task.where(),
          "keep `-- gauntlet: rebuild` for a file that can run in one transaction, or else "
          "`-- gauntlet: no-transaction`"};
}

Error code_needs_transaction(const Task& task) {
  return {"code-outside-transaction",
          fmt::format("{} has code beside a file that runs outside a transaction", task.name()),
          task.where(), "make two migrations of them"};
}

Delivery delivery_of_text(const Task& task, NoTransaction mode, const SqlDialect& dialect) {
  const Split parts = dialect.split(task.sql());
  const Directives directives = directives_of(task.sql());
  const bool marked = mode != NoTransaction::whole_file && directives.no_transaction;
  if (!parts.psql_commands.empty()) throw has_psql_commands(task, parts.psql_commands);
  if (directives.rebuild && directives.no_transaction) throw contradicts_itself(task);
  const bool lone = parts.statements.size() == 1;
  auto delivery = marked ? Delivery::by_statement : Delivery::in_transaction;
  for (const Statement& statement : parts.statements) {
    const StatementNeeds needs = dialect.needs_of(statement.sql);
    if (needs.copies_from_stdin) throw copies_from_stdin(task, statement);
    if (mode == NoTransaction::whole_file) {
      if (needs.refuses_a_frame(lone)) delivery = Delivery::whole_file;
    } else if (marked || !needs.refuses_a_frame(false)) {
      continue;
    } else if (needs.transaction_control) {
      throw controls_transaction(task, statement, *needs.transaction_control);
    } else if (mode == NoTransaction::automatic && lone) {
      delivery = Delivery::by_statement;
    } else {
      throw needs_directive(task, statement, needs, directives);
    }
  }
  return delivery;
}

}  // namespace

Delivery delivery_of(const Migration& migration, NoTransaction mode, Direction direction,
                     const SqlDialect& dialect) {
  const Task task{.migration = &migration, .direction = direction};
  const Delivery delivery = delivery_of_text(task, mode, dialect);
  if (delivery != Delivery::in_transaction && task.code()) throw code_needs_transaction(task);
  return delivery;
}

std::vector<std::string> unknown_directives(const Migration& migration, const SqlDialect& dialect) {
  const Directives directives = directives_of(migration.up.sql());
  std::vector<std::string> unknown = directives.unknown;
  if (directives.rebuild && !dialect.has_rebuild()) {
    unknown.emplace_back("rebuild (not of this engine)");
  }
  // `ignore` and `allow` are for the checks of a folder; the runner passes them over.
  std::erase_if(unknown, [](const std::string& line) {
    return line.find("ignore ") != std::string::npos || line.starts_with("allow ");
  });
  return unknown;
}

}  // namespace gauntlet::runner
