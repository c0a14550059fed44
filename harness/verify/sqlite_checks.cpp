#include "harness/verify/sqlite_checks.h"

#include "harness/arena/file_arena.h"
#include "harness/verify/pending.h"
#include "harness/verify/sqlite_boot.h"
#include "harness/verify/sqlite_dry_run.h"
#include "harness/verify/sqlite_replicas.h"
#include "harness/verify/status.h"
#include "runner/sqlite.h"
#include "runner/values/engine.h"

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

core::Result sqlite_not_judged(const Context& context) {
  return {.subject = subject_name(context.options),
          .judgement = core::not_applicable("this check judges PostgreSQL only")};
}

}  // namespace

bool is_sqlite(const Options& options) {
  return runner::engine_of(options.database) == runner::Engine::sqlite;
}

std::unique_ptr<arena::Arena> open_sqlite_arena(const Options& options) {
  const std::string path = options.database.substr(sqlite_scheme.size());
  return path == "ephemeral" ? arena::open_empty_files(options.arena.init_sql)
                             : arena::open_given_file(path, options.arena.init_sql);
}

core::Result (*sqlite_check(std::string_view id))(const Context&) {
  if (id == "status") return status;
  if (id == "dry-run") return sqlite_dry_run;
  if (id == "boot") return sqlite_boot;
  if (id == "replicas") return sqlite_replicas;
  return sqlite_not_judged;
}

core::ServerFacts sqlite_facts(const arena::Address& address) {
  const auto session = runner::connect_sqlite(address.conninfo());
  const auto value = [&](const char* sql) {
    const runner::Result read = session->query(sql);
    return read.rows.empty() ? std::string() : read.rows.front().front().value_or("");
  };
  return {.version = fmt::format("SQLite {}", value("SELECT sqlite_version()")),
          .locale = value("PRAGMA encoding"),
          .settings = {}};
}

}  // namespace gauntlet::verify
