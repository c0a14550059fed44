// gauntlet-migrate's own: NNN_name.up.sql and NNN_name.down.sql, each file in a transaction unless
// its first comment says otherwise.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"
#include "runner/source/file_name.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>

namespace gauntlet::formats {
namespace {

/// Steps that another runner may tell apart: what our runner refuses becomes a warning.
bool is_about_pairs(const runner::Problem& problem) {
  return problem.id == "duplicate-version" || problem.id == "duplicate-down" ||
         problem.id == "down-without-up" || problem.id == "names-differ" ||
         problem.id == "not-utf8" || problem.id == "nul-byte";
}

Reading read_for_another_runner(const Format& format, const std::vector<File>& files,
                                runner::Listing ours) {
  using Kind = runner::FileName::Kind;
  Steps steps(format);
  for (runner::Problem& problem : ours.problems)
    if (!is_about_pairs(problem)) steps.problem(std::move(problem));
  for (const File& file : files) {
    const runner::FileName name = runner::read_file_name(file.name);
    Part part{.file = &file, .version = name.version, .name = name.name, .sql = file.bytes};
    if (name.kind == Kind::up) steps.up(std::move(part));
    if (name.kind == Kind::down) steps.down(std::move(part));
  }
  return steps.reading();
}

/// Only the files of the folder itself are its own.
Reading read_gauntlet(const Format& format, const std::vector<File>& files) {
  std::vector<runner::Script> scripts;
  for (const File& file : files)
    if (file.name.find('/') == std::string::npos)
      scripts.push_back({.file = file.path, .bytes = file.bytes, .checksum = {}});
  runner::Listing listing = runner::list_scripts(std::move(scripts));
  if (!format.rules.asks_a_runner) return {.listing = std::move(listing)};
  return read_for_another_runner(format, files, std::move(listing));
}

bool refuses_a_frame(const runner::Script& script) {
  const auto statements = runner::split(script.sql()).statements;
  return std::any_of(statements.begin(), statements.end(), [&](const auto& statement) {
    return runner::needs_of(statement.sql).refuses_a_frame(statements.size() == 1);
  });
}

bool is_named_as_gauntlet(const File& file) {
  return file.name.find('/') == std::string::npos &&
         runner::read_file_name(file.name).kind == runner::FileName::Kind::up;
}

}  // namespace

ProjectFiles write_up_and_down(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    files[stem_of(migration) + ".up.sql"] = migration.up.bytes;
    if (migration.down) files[stem_of(migration) + ".down.sql"] = migration.down->bytes;
  }
  return files;
}

ProjectFiles for_gauntlet_migrate(const Format& format,
                                  const std::vector<runner::Migration>& migrations) {
  using Kind = runner::FileName::Kind;
  ProjectFiles files;
  const auto add = [&](const runner::Migration& migration, const runner::Script& script,
                       Kind kind) {
    const std::string own = script.file.filename().string();
    const runner::FileName read = runner::read_file_name(own);
    const bool is_read = read.kind == kind && read.version == migration.version;
    const std::string_view ending = kind == Kind::up ? ".up.sql" : ".down.sql";
    files[is_read ? own : stem_of(migration) + std::string(ending)] =
        format.psql && refuses_a_frame(script) ? marked_no_transaction(script.bytes) : script.bytes;
  };
  for (const runner::Migration& migration : migrations) {
    add(migration, migration.up, Kind::up);
    if (migration.down) add(migration, *migration.down, Kind::down);
  }
  return files;
}

Format gauntlet() {
  return {.name = "gauntlet",
          .files = "NNN_name.up.sql and NNN_name.down.sql",
          .marker = true,
          .native = true,
          .tracker = "gauntlet-migrate",
          .signs = "names like NNN_name.up.sql",
          .is_its = is_named_as_gauntlet,
          .read = read_gauntlet,
          .write = write_up_and_down};
}

}  // namespace gauntlet::formats
