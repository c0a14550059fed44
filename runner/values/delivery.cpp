#include "runner/values/delivery.h"

#include "runner/sql/statement.h"
#include "runner/tracker/dialect.h"
#include "runner/values/error.h"
#include "runner/values/task.h"

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

Error needs_directive(const Task& task, const Statement& statement, const std::string& words) {
  return {"needs-no-transaction",
          fmt::format("{} says {}, which cannot run inside a transaction", task.name(), words),
          place_of(task, statement), "put `-- gauntlet: no-transaction` on the file's first line"};
}

Error code_needs_transaction(const Task& task) {
  return {"code-outside-transaction",
          fmt::format("{} has code beside a file that runs outside a transaction", task.name()),
          task.where(), "make two migrations of them"};
}

Delivery delivery_of_text(const Task& task, NoTransaction mode, const Dialect& dialect) {
  const Split parts = dialect.split(task.sql());
  const bool marked = mode != NoTransaction::whole_file && directives_of(task.sql()).no_transaction;
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
      throw needs_directive(task, statement, *needs.no_transaction);
    }
  }
  return delivery;
}

}  // namespace

Delivery delivery_of(const Migration& migration, NoTransaction mode, Direction direction,
                     Engine engine) {
  const Task task{.migration = &migration, .direction = direction};
  const Delivery delivery = delivery_of_text(task, mode, dialect_of(engine));
  if (delivery != Delivery::in_transaction && task.code()) throw code_needs_transaction(task);
  return delivery;
}

std::string place_text(std::string_view file, Place place) {
  return fmt::format("{}:{}:{}", file, place.line, place.column);
}

std::vector<std::string> unknown_directives(const Migration& migration) {
  std::vector<std::string> unknown = directives_of(migration.up.sql()).unknown;
  // `ignore` speaks to whoever checks migrations, not to whoever runs them.
  std::erase_if(unknown,
                [](const std::string& line) { return line.find("ignore ") != std::string::npos; });
  return unknown;
}

}  // namespace gauntlet::runner
