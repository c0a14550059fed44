#include "harness/arena/given_server.h"

#include "harness/arena/arena.h"
#include "harness/arena/create_database.h"
#include "harness/arena/guest_names.h"
#include "harness/process/owner.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::arena {
namespace {

using process::Owner;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds own_sessions_patience{1'000};

/// Throws unless a database can be made at all; the reason in the user's words.
void refuse_unless_creatable(Connection& connection, const Address& given) {
  const auto rows = connection.ask(
      "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'), "
      "(SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user), current_user");
  const Row& row = rows.at(0);
  if (row[0] == "t") {
    throw runner::Error("cannot-create-database",
                        "the given server is a standby: it takes no writes", given.masked(),
                        "give the primary server, or use --database ephemeral");
  }
  if (row[1] == "on") {
    throw runner::Error(
        "cannot-create-database",
        "sessions on the given server are read-only (default_transaction_read_only)",
        given.masked(), "give a server that may be written to, or use --database ephemeral");
  }
  if (row[2] != "t") {
    throw runner::Error("needs-createdb",
                        "a throwaway database cannot be made: CREATEDB is missing",
                        fmt::format("role {} on {}", row[3].value_or(""), given.masked()),
                        fmt::format("`ALTER ROLE {} CREATEDB`, or use --database ephemeral",
                                    connection.identifier(row[3].value_or(""))));
  }
}

[[noreturn]] void throw_not_created(const StatementError& error, const Address& given) {
  if (error.sqlstate() == "42501") {
    throw runner::Error("needs-createdb", "a throwaway database cannot be made: " + error.message(),
                        given.masked(), "grant CREATEDB, or use --database ephemeral");
  }
  throw runner::Error("cannot-create-database",
                      "a throwaway database cannot be made: " + error.message(),
                      fmt::format("{} ({})", given.masked(), error.sqlstate()),
                      "use another scratch server, or --database ephemeral");
}

}  // namespace

GivenServer::GivenServer(const Address& given)
    : given_(given), maintenance_(given.with_database("postgres")) {
  { const Connection reachable(given_); }
  if (!can_connect(maintenance_)) maintenance_ = given_;
  visit_.emplace(maintenance_);
  const std::scoped_lock lock(mutex_);
  sweep_guests(control());
}

Connection& GivenServer::control() {
  if (control_ && !control_->is_lost()) return *control_;
  const auto lock = Visit::lock();  // never again once an interrupt gives all back
  control_.emplace(maintenance_);
  control_->ask("SELECT pg_advisory_lock_shared($1::bigint)",
                {std::to_string(life_key(Owner::self()))});
  return *control_;
}

std::string GivenServer::create(const std::string& template_name, const std::string& like) {
  std::string name = guest_name();
  try {
    create_database(control(), {.name = name, .template_name = template_name, .like = like});
  } catch (const StatementError& error) {
    throw_not_created(error, given_);
  }
  return name;
}

std::string GivenServer::create_empty() {
  const std::scoped_lock lock(mutex_);
  refuse_unless_creatable(control(), given_);
  return create("template0", given_.database());
}

/// A session of ours that has just been closed is no other session: the server needs a moment to
/// notice that its client has gone.
void GivenServer::wait_for_own_sessions_to_end() {
  const auto deadline = steady_clock::now() + own_sessions_patience;
  while (steady_clock::now() < deadline) {
    const auto rows = control().ask(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND "
        "(application_name LIKE 'gauntlet%' OR application_name IN ('pg_dump', 'pg_restore'))",
        {given_.database()});
    if (rows.at(0).at(0) == "0") return;
    ::poll(nullptr, 0, 10);
  }
}

std::string GivenServer::objection_to_template() {
  wait_for_own_sessions_to_end();
  const auto rows = control().ask(
      "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid AND pid <> "
      "pg_backend_pid() "
      "AND backend_type <> 'autovacuum worker'), "
      "(SELECT count(*) FROM pg_prepared_xacts WHERE database = d.datname), "
      "d.datistemplate OR pg_has_role(d.datdba, 'USAGE') "
      "FROM pg_database d WHERE d.datname = $1",
      {given_.database()});
  if (rows.empty()) return "the database is gone";
  const Row& row = rows.front();
  if (row[0] != "0") return fmt::format("{} other sessions are in it", row[0].value_or(""));
  if (row[1] != "0") return "it has prepared transactions";
  if (row[2] != "t") return "it belongs to another role";
  return {};
}

std::optional<std::string> GivenServer::create_from_given(std::string& objection) {
  const std::scoped_lock lock(mutex_);
  refuse_unless_creatable(control(), given_);
  objection = objection_to_template();
  if (!objection.empty()) return std::nullopt;
  try {
    return create(given_.database(), "");
  } catch (const runner::Error& error) {  // somebody came in between
    objection = error.message();
    return std::nullopt;
  }
}

std::string GivenServer::create_from(const std::string& ours) {
  const std::scoped_lock lock(mutex_);
  return create(ours, "");
}

void GivenServer::refuse_unless_room_for(std::uint64_t bytes) {
  const bool is_here = given_.host().empty() || given_.host().starts_with("/") ||
                       given_.host() == "localhost" || given_.host() == "127.0.0.1" ||
                       given_.host() == "::1";
  if (!is_here) return;
  const auto rows =
      ask("SELECT setting FROM pg_settings WHERE name = 'data_directory' AND setting <> ''");
  if (rows.empty()) return;
  const std::filesystem::path folder = rows[0][0].value_or("");
  std::error_code error;
  if (!std::filesystem::exists(folder / "PG_VERSION", error) || error) return;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error || space.available >= bytes) return;
  throw runner::Error(
      "cannot-copy",
      fmt::format("the given database cannot be copied: its copies need {} MB, and {} MB are free",
                  bytes >> 20U, space.available >> 20U),
      folder.string(), "make room there, or take a sample of its rows with a lower --copy-limit");
}

namespace {

/// As it was written; where the session itself may not have the value, as one literal.
bool copy_setting(Connection& connection, const std::string& target, const std::string& setting) {
  const std::size_t end = setting.find('=');
  const std::string name = setting.substr(0, end);
  const std::string value = setting.substr(end + 1);
  std::string quoted_name = connection.identifier(name.substr(0, name.find('.')));
  if (const auto dot = name.find('.'); dot != std::string::npos) {
    quoted_name += "." + connection.identifier(name.substr(dot + 1));
  }
  const std::string exact =
      fmt::format("BEGIN; SELECT set_config({}, {}, true); ALTER {} SET {} FROM CURRENT; COMMIT",
                  connection.literal(name), connection.literal(value), target, quoted_name);
  const std::string literal =
      fmt::format("ALTER {} SET {} = {}", target, quoted_name, connection.literal(value));
  for (const std::string& sql : {exact, literal}) {
    try {
      connection.run(sql);
      return true;
    } catch (const StatementError&) {
      connection.run("ROLLBACK");
    }
  }
  return false;
}

}  // namespace

std::string GivenServer::copy_settings_to(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  Connection& connection = control();
  const auto rows = connection.ask(
      "SELECT r.rolname, unnest(s.setconfig) FROM pg_db_role_setting s "
      "JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole "
      "WHERE d.datname = $1",
      {given_.database()});
  std::string missed;
  for (const Row& row : rows) {
    const std::string target =
        row[0] ? fmt::format("ROLE {} IN DATABASE {}", connection.identifier(*row[0]),
                             connection.identifier(name))
               : "DATABASE " + connection.identifier(name);
    const std::string setting = row[1].value_or("");
    if (copy_setting(connection, target, setting)) continue;
    missed += (missed.empty() ? "" : ", ") + setting.substr(0, setting.find('='));
  }
  return missed;
}

void GivenServer::drop(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  drop_database(control(), name);
}

void GivenServer::keep(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  mark_kept(control(), name);
}

std::vector<Row> GivenServer::ask(const std::string& sql,
                                  const std::vector<std::optional<std::string>>& parameters) {
  const std::scoped_lock lock(mutex_);
  return control().ask(sql, parameters);
}

int GivenServer::version() {
  const std::scoped_lock lock(mutex_);
  return control().server_version();
}

}  // namespace gauntlet::arena
