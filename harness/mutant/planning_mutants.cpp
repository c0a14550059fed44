#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"

#include <cstdint>
#include <memory>
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
class Unquoted : public runner::ForwardingSession {
 public:
  explicit Unquoted(SessionPtr session) : ForwardingSession(std::move(session)) {}
  std::string identifier(std::string_view name) const override { return std::string(name); }
};

SessionPtr naive_identifier_split(SessionPtr session, const Surroundings&) {
  return std::make_unique<Unquoted>(std::move(session));
}

// Whatever goes wrong when the tracker is read: it is not there, and nothing was applied.
class BlindToErrors : public runner::ForwardingSession {
 public:
  explicit BlindToErrors(SessionPtr session) : ForwardingSession(std::move(session)) {}
  std::vector<runner::Result> send(std::string_view message) override {
    const std::string text(message);
    const bool reads = has(text, "SELECT 'server' AS kind");
    try {
      auto results = ForwardingSession::send(
          blind_
              ? replaced(text, R"((pg_try_advisory_lock\(-?\d+\)::text WHERE )[^;]*;)", "$1 true;")
              : text);
      if (blind_ && reads) forget_rows(results);
      return results;
    } catch (const runner::SqlError& error) {
      if (!reads || error.connection_lost()) throw;
    }
    blind_ = true;
    auto results = ForwardingSession::send(message);
    forget_rows(results);
    return results;
  }

 private:
  static void forget_rows(std::vector<runner::Result>& results) {
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
  return sending(std::move(session), [written](runner::Session& inner, const std::string& message) {
    if (!std::exchange(*written, true)) {
      inner.send(
          "CREATE TABLE IF NOT EXISTS applied_migrations (version bigint PRIMARY KEY,"
          " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), checksum text)");
    }
    return inner.send(message);
  });
}

void unknown_is_fatal(runner::RunOptions& options) { options.strict = true; }

// A file outside a transaction is sent as it stands, in one message.
void multi_statement_no_transaction(runner::RunOptions& options) {
  options.no_transaction = runner::NoTransaction::whole_file;
}

}  // namespace

std::vector<Mutant> planning_mutants() {
  return {
      {.name = "high-water-mark",
       .flaw = "takes whatever is below the highest applied version for applied",
       .caught_by = {"order/skip-hole"},
       .findings = {"not-recorded", "rows-missing"},
       .listing = high_water_mark},
      {.name = "naive-identifier-split",
       .flaw = "puts the tracker's name into SQL as it is, without quotes",
       .caught_by = {"concurrency/bootstrap"},
       .findings = {"replica-failed"},
       .session = naive_identifier_split},
      {.name = "any-error-is-missing-table",
       .flaw = "takes any error of a tracker's read for a tracker that is not there",
       .caught_by = {"crash/tracker-read-error"},
       .findings = {"error-misleads", "error-swallowed"},
       .session = any_error_is_missing_table},
      {.name = "inspect-writes",
       .flaw = "creates its tracker when it is asked for the state",
       .caught_by = {"locks/status-does-not-wait"},
       .findings = {"read-only-wrote"},
       .session = inspect_writes},
      {.name = "unknown-is-fatal",
       .flaw = "refuses to start where a newer release has migrated",
       .caught_by = {"concurrency/rolling-deploy"},
       .findings = {"replica-failed"},
       .options = unknown_is_fatal},
      {.name = "multi-statement-no-transaction",
       .flaw = "sends a file outside a transaction in one message, which the server runs in one",
       .caught_by = {"locks/concurrent-index"},
       .findings = {"replica-failed"},
       .options = multi_statement_no_transaction},
  };
}

}  // namespace gauntlet::mutant
