#include "harness/fleet/project.h"

#include "runner/sql/statement.h"
#include "runner/values/error.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace gauntlet::fleet {
namespace {

namespace fs = std::filesystem;
using runner::Migration;
using Migrations = std::vector<Migration>;

/// `003_add_index`: digits enough that names sort as numbers do.
std::string stem(const Migration& migration) {
  return fmt::format("{:03}_{}", migration.version.number, migration.name);
}

std::string up_of(const Migration& migration) { return std::string(migration.up.sql()); }
std::string down_of(const Migration& migration) {
  return migration.down ? std::string(migration.down->sql()) : std::string();
}
bool outside_transaction(std::string_view sql) { return runner::directives_of(sql).no_transaction; }

std::string with_newline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

/// The last statement ended, so that a tool may add its own behind it.
std::string ended(const std::string& sql) { return with_newline(sql) + ";\n"; }

ProjectFiles up_and_down(const Migrations& migrations) {
  ProjectFiles files;
  for (const Migration& migration : migrations) {
    files[stem(migration) + ".up.sql"] = up_of(migration);
    if (migration.down) files[stem(migration) + ".down.sql"] = down_of(migration);
  }
  return files;
}

ProjectFiles plain(const Migrations& migrations) {
  ProjectFiles files;
  for (const Migration& migration : migrations) files[stem(migration) + ".sql"] = up_of(migration);
  return files;
}

ProjectFiles dbmate(const Migrations& migrations) {
  const auto section = [](std::string_view direction, const std::string& sql) {
    return fmt::format("-- migrate:{}{}\n{}", direction,
                       outside_transaction(sql) ? " transaction:false" : "", with_newline(sql));
  };
  ProjectFiles files;
  for (const Migration& migration : migrations)
    files[stem(migration) + ".sql"] =
        section("up", up_of(migration)) + "\n" + section("down", down_of(migration));
  return files;
}

/// goose cuts a file at semicolons unless it is told where a statement ends.
std::string goose_statements(const std::string& sql) {
  std::string text;
  for (const auto& statement : runner::split(sql).statements)
    text += fmt::format("-- +goose StatementBegin\n{};\n-- +goose StatementEnd\n", statement.sql);
  return text;
}

ProjectFiles goose(const Migrations& migrations) {
  ProjectFiles files;
  for (const Migration& migration : migrations) {
    const std::string up = up_of(migration), down = down_of(migration);
    files[stem(migration) + ".sql"] =
        fmt::format("{}-- +goose Up\n{}\n-- +goose Down\n{}",
                    outside_transaction(up) ? "-- +goose NO TRANSACTION\n" : "",
                    goose_statements(up), goose_statements(down));
  }
  return files;
}

/// A string of JavaScript.
std::string javascript_string(std::string_view text) {
  std::string literal = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') literal += '\\';
    if (character == '\n')
      literal += "\\n";
    else if (character == '\r')
      literal += "\\r";
    else
      literal += character;
  }
  return literal + '"';
}

/// Its SQL files have no way to say that there is no transaction; its JavaScript has.
ProjectFiles node_pg_migrate(const Migrations& migrations) {
  ProjectFiles files;
  for (const Migration& migration : migrations) {
    const std::string up = up_of(migration), down = down_of(migration);
    if (!outside_transaction(up)) {
      files[stem(migration) + ".sql"] = fmt::format("-- Up Migration\n{}\n-- Down Migration\n{}",
                                                    with_newline(up), with_newline(down));
      continue;
    }
    std::string steps;
    for (const auto& statement : runner::split(up).statements)
      steps += fmt::format("  pgm.sql({});\n", javascript_string(statement.sql));
    files[stem(migration) + ".js"] = fmt::format(
        "exports.up = (pgm) => {{\n  pgm.noTransaction();\n{}}};\n"
        "exports.down = (pgm) => {{\n  pgm.noTransaction();\n  pgm.sql({});\n}};\n",
        steps, javascript_string(down));
  }
  return files;
}

/// psql runs its scripts, which say themselves where a transaction begins and ends.
std::string sqitch_script(const std::string& sql) {
  return outside_transaction(sql) ? ended(sql) : "BEGIN;\n" + ended(sql) + "COMMIT;\n";
}

ProjectFiles sqitch(const Migrations& migrations) {
  ProjectFiles files;
  std::string plan = "%syntax-version=1.0.0\n%project=gauntlet\n\n";
  for (const Migration& migration : migrations) {
    plan += fmt::format("{} 2001-01-01T00:00:00Z gauntlet <gauntlet@localhost> # {}\n",
                        stem(migration), migration.name);
    files["deploy/" + stem(migration) + ".sql"] = sqitch_script(up_of(migration));
    files["revert/" + stem(migration) + ".sql"] = sqitch_script(down_of(migration));
  }
  files["sqitch.plan"] = plan;
  files["sqitch.conf"] =
      "[core]\n\tengine = pg\n[user]\n\tname = gauntlet\n"
      "\temail = gauntlet@localhost\n";
  return files;
}

void write(const fs::path& file, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream)
    throw runner::Error("cannot-write", "a file of the project cannot be written", file.string(),
                        "free some room there");
}

}  // namespace

const std::vector<ProjectFormat>& project_formats() {
  static const std::vector<ProjectFormat> all = {
      {"gauntlet", "NNN_name.up.sql and NNN_name.down.sql", up_and_down},
      {"golang-migrate", "NNN_name.up.sql and NNN_name.down.sql", up_and_down},
      {"dbmate", "NNN_name.sql with `-- migrate:up` and `-- migrate:down`", dbmate},
      {"goose", "NNN_name.sql with `-- +goose Up` and `-- +goose Down`", goose},
      {"node-pg-migrate", "NNN_name.sql with `-- Up Migration` and `-- Down Migration`",
       node_pg_migrate},
      {"sqitch", "sqitch.plan, deploy/NNN_name.sql, revert/NNN_name.sql", sqitch},
      {"plain", "NNN_name.sql", plain},
  };
  return all;
}

const ProjectFormat* find_project_format(std::string_view name) {
  const auto& all = project_formats();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ProjectFormat& format) { return format.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void write_project(const ProjectFormat& format, const fs::path& neutral, const fs::path& project) {
  const runner::Listing listing = runner::read_folder(neutral);
  runner::refuse_problems(listing);
  for (const auto& [path, text] : format.files(listing.migrations)) write(project / path, text);
}

}  // namespace gauntlet::fleet
