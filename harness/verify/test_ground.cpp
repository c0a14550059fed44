#include "harness/verify/test_ground.h"

#include "runner/postgres.h"

#include <fstream>

#include <fmt/format.h>

namespace gauntlet::verify::test {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gauntlet-check-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Folder& Folder::add(const std::string& name, std::string_view sql) {
  std::ofstream file(path_ / name, std::ios::binary);
  file.write(sql.data(), static_cast<std::streamsize>(sql.size()));
  return *this;
}

GivenServer::GivenServer(const arena::ServerOptions& options)
    : server_(arena::Server::start(options)) {
  runner::connect_postgres(server_->local().conninfo())->send("CREATE DATABASE app");
}

arena::Address GivenServer::address() const { return server_->local().with_database("app"); }

std::unique_ptr<runner::Session> GivenServer::connect() const {
  return runner::connect_postgres(address().conninfo(), {.application_name = "somebody else"});
}

void GivenServer::run(std::string_view sql) const { connect()->send(sql); }

std::string GivenServer::value(std::string_view query) const {
  return connect()->query(query).rows.at(0).at(0).value_or("");
}

Options options_for(const Folder& folder, const std::string& database) {
  Options options;
  options.migrations = folder.path();
  options.format = *formats::find_format("gauntlet");
  options.database = database;
  options.applied_through = 0;  // where a test brings tables, and no tracker
  return options;
}

core::Result judge(const Options& options, const std::string& id) {
  Options one = options;
  one.checks = {id};
  return verify(one, {}).results.at(0);
}

core::Result dry_run_of(const Folder& folder) {
  return judge(options_for(folder, "ephemeral"), "dry-run");
}

core::Result dry_run_of(const Folder& folder, const GivenServer& server) {
  return judge(options_for(folder, server.address().conninfo()), "dry-run");
}

std::vector<std::string> ids_of(const core::Result& result) {
  std::vector<std::string> ids;
  for (const core::Finding& finding : result.judgement.findings) ids.push_back(finding.id);
  return ids;
}

std::string notes_of(const core::Result& result) {
  return fmt::format("{}", fmt::join(result.notes, "\n"));
}

std::string told_by(const core::Result& result) {
  std::string text = result.judgement.reason;
  for (const core::Finding& finding : result.judgement.findings) text += "\n" + finding.message;
  return text + "\n" + notes_of(result);
}

std::vector<std::string> outcomes_of(const core::Result& result) {
  std::vector<std::string> outcomes;
  for (const core::FileOutcome& file : result.files) outcomes.push_back(to_string(file));
  return outcomes;
}

}  // namespace gauntlet::verify::test
