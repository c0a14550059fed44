#include "harness/verify/scripted_runner.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace gauntlet::verify {

namespace fs = std::filesystem;

namespace {

fs::path written(const Files& files) {
  std::string pattern = fs::temp_directory_path() / "gauntlet_scripted_XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder: " + pattern);
  fs::path folder = fs::path(pattern) / "migrations";
  fs::create_directory(folder);
  for (const WrittenFile& file : files) std::ofstream(folder / file.name) << file.sql;
  return folder;
}

}  // namespace

ScriptedRunner::ScriptedRunner(const Files& files, const std::string& script)
    : ScriptedRunner(files) {
  std::ofstream(folder_ / "runner.sh") << script;
  options.runner = "bash " + (folder_ / "runner.sh").string() + " {migrations}";
  options.applied_query = "SELECT version, name FROM tracker";
}

ScriptedRunner::ScriptedRunner(const Files& files) : ScriptedRunner(written(files)) {
  folder_ = options.migrations.parent_path();
}

ScriptedRunner::ScriptedRunner(const fs::path& migrations)
    : listing(runner::read_folder(migrations)), arena(arena::open("ephemeral", {})) {
  options.migrations = migrations;
  options.format = *formats::find_format("gauntlet");
  options.database = "ephemeral";
}

ScriptedRunner::~ScriptedRunner() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Context ScriptedRunner::context() const {
  return {.options = options, .listing = listing, .arena = arena.get(), .progress = {}};
}

core::Result ScriptedRunner::run(core::Result (*check)(const Context&)) const {
  return check(context());
}

Files journal_files() {
  return {{"1_journal.up.sql", "CREATE TABLE IF NOT EXISTS journal(entry text);\n"},
          {"2_first.up.sql", "INSERT INTO journal VALUES ('first');\n"},
          {"3_second.up.sql", "INSERT INTO journal VALUES ('second');\n"},
          {"4_third.up.sql", "INSERT INTO journal VALUES ('third');\n"}};
}

std::string one_session_runner(const std::string& before, const std::string& after) {
  return R"(#!/bin/bash
for_each_file() {
  for file in $(ls "$1"/*.up.sql | sort -V); do
    base=$(basename "$file" .up.sql)
    version=${base%%_*}
    echo "SELECT NOT EXISTS (SELECT FROM tracker WHERE version = $version) AS pending \\gset"
    echo '\if :pending'
    echo "\\i $file"
    echo "INSERT INTO tracker VALUES ($version, '${base#*_}') ON CONFLICT DO NOTHING;"
    echo '\endif'
  done
}
{
  cat <<'SQL'
)" + before +
         R"(
CREATE TABLE IF NOT EXISTS tracker(version bigint PRIMARY KEY, name text NOT NULL);
SQL
  for_each_file "$1"
  cat <<'SQL'
)" + after +
         R"(
SQL
} | psql -Xqt >/dev/null
)";
}

std::string locking_runner() {
  return one_session_runner("\\set ON_ERROR_STOP 1\nSELECT pg_advisory_lock(4711);",
                            "SELECT pg_advisory_unlock(4711);");
}

}  // namespace gauntlet::verify
