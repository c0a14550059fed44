#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"

#include <utility>

namespace gauntlet::mutant {

namespace {

SessionPtr bootstrap_from_dirty(SessionPtr session, const Surroundings&) {
  return told(std::move(session), [](const Message& message, Results& results) {
    if (!has(message, Purpose::take_over)) return;
    for (auto& row : results.back().rows) row[1] = "false";
  });
}

// Any table of that name is the predecessor's.
SessionPtr bootstrap_from_foreign_table(SessionPtr session, const Surroundings&) {
  auto without_dirty = saying(std::move(session), [](Message& message) {
    change_each(message, Purpose::take_over,
                [](std::string& sql) { replace_first(sql, "dirty::text FROM", "'false' FROM"); });
  });
  return told(std::move(without_dirty), [](const Message& message, Results& results) {
    if (!has(message, Purpose::search)) return;
    for (auto& row : results.back().rows) row[2] = "dirty, version";
  });
}

SessionPtr predecessor_ignored(SessionPtr session, const Surroundings&) {
  return told(std::move(session), [](const Message& message, Results& results) {
    if (has(message, Purpose::search)) results.back().rows.clear();
  });
}

SessionPtr predecessor_not_locked(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](Message& message) { remove(message, Purpose::quiet); });
}

}  // namespace

std::vector<Mutant> predecessor_mutants() {
  return {
      {.name = "bootstrap-from-dirty",
       .flaw = "takes over from a predecessor that stopped in the middle",
       .killed_by = {"order/legacy-dirty"},
       .findings = {"error-swallowed", "second-run-changed"},
       .session = bootstrap_from_dirty},
      {.name = "bootstrap-from-foreign-table",
       .flaw = "takes any table called schema_migrations for its predecessor's",
       .killed_by = {"order/legacy-foreign"},
       .findings = {"not-applied", "schema-differs"},
       .session = bootstrap_from_foreign_table},
      {.name = "predecessor-ignored",
       .flaw = "does not see the predecessor's tracker",
       .killed_by = {"order/legacy-clean"},
       .findings = {"replica-failed"},
       .session = predecessor_ignored},
      {.name = "predecessor-not-locked",
       .flaw = "reads the predecessor's tracker without waiting for who writes it",
       .killed_by = {"order/legacy-live"},
       .findings = {"replica-failed"},
       .session = predecessor_not_locked},
  };
}

}  // namespace gauntlet::mutant
