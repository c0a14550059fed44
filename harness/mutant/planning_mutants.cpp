#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace gauntlet::mutant {

namespace {

// As golang-migrate: whatever is below the highest applied version is taken for applied.
void high_water_mark(runner::Listing& listing, runner::Session& session) {
  const auto there = session.send("SELECT pg_catalog.to_regclass('applied_migrations')").front();
  if (!there.rows.front().front()) return;
  const auto highest =
      session.send("SELECT coalesce(max(version), 0) FROM applied_migrations").front();
  const std::int64_t mark = std::stoll(highest.rows.front().front().value_or("0"));
  std::erase_if(listing.migrations, [mark](const runner::Migration& migration) {
    return migration.version.number <= mark;
  });
}

// Names are put into SQL as they are.
class Unquoted : public SessionOfMutant {
 public:
  explicit Unquoted(SessionPtr session) : SessionOfMutant(std::move(session)) {}
  std::string identifier(std::string_view name) const override { return std::string(name); }
};

SessionPtr naive_identifier_split(SessionPtr session, const Surroundings&) {
  return std::make_unique<Unquoted>(std::move(session));
}

// Whatever goes wrong when the tracker is read: it is not there, and nothing was applied.
class BlindToErrors : public SessionOfMutant {
 public:
  explicit BlindToErrors(SessionPtr session) : SessionOfMutant(std::move(session)) {}
  Results send_message(const Message& message) override {
    if (has(message, Purpose::take_over)) return predecessor(message);
    const bool reads = has(message, Purpose::read) && !has(message, Purpose::search);
    try {
      Message said = message;
      if (blind_) try_lock_always(said);
      Results results = SessionOfMutant::send_message(said);
      if (blind_ && reads) forget_rows(results);
      return results;
    } catch (const runner::SqlError& error) {
      if (!reads || error.connection_lost()) throw;
    }
    blind_ = true;
    Results results = SessionOfMutant::send_message(message);
    forget_rows(results);
    return results;
  }

 private:
  // It has none, then.
  Results predecessor(const Message& message) {
    try {
      return SessionOfMutant::send_message(message);
    } catch (const runner::SqlError& error) {
      if (error.connection_lost()) throw;
      return {{.columns = {}, .rows = {}, .tag = "SELECT 0"}};
    }
  }

  static void forget_rows(Results& results) {
    for (runner::Result& result : results) {
      std::erase_if(result.rows, [](const auto& row) { return row.front() == "row"; });
    }
  }

  bool blind_ = false;
};

SessionPtr any_error_is_missing_table(SessionPtr session, const Surroundings&) {
  return std::make_unique<BlindToErrors>(std::move(session));
}

// Asked for the state, it creates its table.
SessionPtr inspect_writes(SessionPtr session, const Surroundings&) {
  const auto written = std::make_shared<bool>(false);
  return sending(std::move(session), [written](runner::Session& inner, const Message& message) {
    if (!std::exchange(*written, true)) {
      inner.send(
          "CREATE TABLE IF NOT EXISTS applied_migrations (version bigint PRIMARY KEY,"
          " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,"
          " checksum text)");
    }
    return inner.send_message(message);
  });
}

// Whatever is applied and not on disk is none of its business.
void unknown_ignored(runner::Listing& listing, runner::Session& session) {
  std::set<std::int64_t> known;
  for (const runner::Migration& migration : listing.migrations)
    known.insert(migration.version.number);
  if (known.empty()) return;
  std::vector<runner::Result> results;
  try {
    results = session.send("SELECT version, name FROM applied_migrations ORDER BY version");
  } catch (const runner::SqlError&) {
    return;  // nothing is applied
  }
  for (const auto& row : results.front().rows) {
    const std::int64_t version = std::stoll(row[0].value_or("0"));
    if (known.contains(version)) continue;
    runner::Migration applied = listing.migrations.front();
    applied.version = {version};
    applied.name = row[1].value_or("");
    listing.migrations.push_back(std::move(applied));
  }
  std::ranges::sort(listing.migrations, {}, &runner::Migration::version);
}

// The problems of a folder, and the second of two files of one number, are passed over.
void problems_tolerated(runner::Listing& listing, runner::Session&) {
  std::set<runner::Version> seen;
  std::erase_if(listing.migrations, [&](const runner::Migration& migration) {
    return !seen.insert(migration.version).second;
  });
  listing.problems.clear();
}

// What it is called on disk is not compared with what it was called.
void rename_tolerated(runner::Listing& listing, runner::Session& session) {
  const auto there = session.send("SELECT pg_catalog.to_regclass('applied_migrations')").front();
  if (!there.rows.front().front()) return;
  const auto rows = session.send("SELECT version::text, name FROM applied_migrations").front().rows;
  for (runner::Migration& migration : listing.migrations) {
    for (const auto& row : rows) {
      if (row[0] == std::to_string(migration.version.number)) migration.name = row[1].value_or("");
    }
  }
}

void checksum_tolerated(runner::RunOptions& options) { options.tracker.verify_checksums = false; }

// As `ls` sorts: each file with all those before it, since the runner itself sorts by number.
void lexical_order(runner::SessionSource& sessions, const runner::Listing& listing,
                   const runner::RunOptions& options) {
  std::vector<runner::Migration> sorted = listing.migrations;
  std::ranges::sort(sorted, {},
                    [](const runner::Migration& migration) { return migration.up.file.string(); });
  runner::Listing so_far{.migrations = {}, .problems = listing.problems};
  for (const runner::Migration& migration : sorted) {
    so_far.migrations.push_back(migration);
    runner::up(sessions, so_far, options);
  }
}

// Sends the mark that an editor writes at the start of a file.
void byte_order_mark_sent(runner::Listing& listing, runner::Session&) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  for (runner::Migration& migration : listing.migrations) {
    if (migration.up.bytes.starts_with(mark)) migration.up.bytes.insert(0, mark);
  }
}

runner::Direction direction_falls_through(std::string_view word) {
  return word == "down" ? runner::Direction::down : runner::Direction::up;
}

void unknown_is_fatal(runner::RunOptions& options) { options.strict = true; }

// A file outside a transaction is sent as it stands, in one message.
void multi_statement_no_transaction(runner::RunOptions& options) {
  options.no_transaction = runner::NoTransaction::whole_file;
}

std::vector<Mutant> what_the_database_says() {
  return {
      {.name = "high-water-mark",
       .flaw = "takes whatever is below the highest applied version for applied",
       .killed_by = {"order/skip-hole"},
       .findings = {"hole-skipped", "rows-missing"},
       .listing = high_water_mark},
      {.name = "naive-identifier-split",
       .flaw = "puts the tracker's name into SQL as it is, without quotes",
       .killed_by = {"concurrency/bootstrap"},
       .findings = {"replica-failed"},
       .session = naive_identifier_split},
      {.name = "any-error-is-missing-table",
       .flaw = "takes any error of a tracker's read for a tracker that is not there",
       .killed_by = {"crash/tracker-read-error", "order/legacy-denied"},
       .findings = {"error-misleads", "error-swallowed"},
       .session = any_error_is_missing_table},
      {.name = "inspect-writes",
       .flaw = "creates its tracker when it is asked for the state",
       .killed_by = {"locks/status-does-not-wait", "order/binary-swap",
                     "sqlite/inspect-missing-table"},
       .findings = {"read-only-wrote"},
       .session = inspect_writes},
      {.name = "unknown-ignored",
       .flaw = "does not look at what is applied and not on its disk",
       .killed_by = {"order/binary-swap", "sqlite/inspect-ahead"},
       .findings = {"replica-failed"},
       .options = checksum_tolerated,
       .listing = unknown_ignored},
      {.name = "unknown-is-fatal",
       .flaw = "refuses to start where a newer release has migrated",
       .killed_by = {"concurrency/rolling-deploy", "order/unknown-applied"},
       .findings = {"replica-failed"},
       .options = unknown_is_fatal},
      {.name = "multi-statement-no-transaction",
       .flaw = "sends a file that ends its transaction by itself as it stands, in one message",
       .killed_by = {"transactions/body-commits"},
       .findings = {"replica-failed", "error-swallowed", "error-misleads"},
       .options = multi_statement_no_transaction},
      {.name = "direction-falls-through",
       .flaw = "takes any word but `down` for `up`",
       .killed_by = {"order/direction-whitelist"},
       .findings = {"error-swallowed"},
       .direction = direction_falls_through},
  };
}

std::vector<Mutant> what_is_on_disk() {
  return {
      {.name = "duplicate-tolerated",
       .flaw = "takes the first of two files of one number",
       .killed_by = {"order/duplicate-version"},
       .findings = {"error-swallowed"},
       .listing = problems_tolerated},
      {.name = "unparseable-tolerated",
       .flaw = "passes over, without a word, a file whose name it does not understand",
       .killed_by = {"order/unparseable-name", "order/unrecognized-file"},
       .findings = {"error-swallowed", "passed-over-in-silence"},
       .listing = problems_tolerated},
      {.name = "rename-tolerated",
       .flaw = "does not compare the names of what is applied",
       .killed_by = {"order/renamed-after-apply"},
       .findings = {"error-swallowed"},
       .listing = rename_tolerated},
      {.name = "checksum-tolerated",
       .flaw = "does not compare the checksums of what is applied",
       .killed_by = {"order/edited-after-apply"},
       .findings = {"error-swallowed"},
       .options = checksum_tolerated},
      {.name = "lexical-order",
       .flaw = "applies files in the order of their names as text",
       .killed_by = {"order/populated-upgrade"},
       .findings = {"out-of-order"},
       .up = lexical_order},
      {.name = "byte-order-mark-sent",
       .flaw = "sends a file's byte-order mark to the server",
       .killed_by = {"order/line-endings"},
       .findings = {"replica-failed"},
       .listing = byte_order_mark_sent},
  };
}

}  // namespace

std::vector<Mutant> planning_mutants() {
  return joined({what_the_database_says(), what_is_on_disk()});
}

}  // namespace gauntlet::mutant
