#include "harness/formats/choose.h"

#include "harness/formats/text.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

bool is_sql(const File& file) { return file.name.ends_with(".sql"); }

std::size_t count_signs(const Format& format, const std::vector<File>& files) {
  if (format.is_its == nullptr) return 0;
  return static_cast<std::size_t>(std::count_if(files.begin(), files.end(), format.is_its));
}

bool is_up_file(const File& file) { return file.name.ends_with(".up.sql"); }

/// Does gauntlet-migrate refuse the file, and golang-migrate send it as it stands?
bool is_sent_as_it_stands(const File& file) {
  const runner::Split split = runner::split(file.bytes);
  const auto& statements = split.statements;
  const bool is_lone =
      statements.size() == 1 && runner::needs_of(statements.front().sql).no_transaction.has_value();
  if (is_lone) return true;
  const auto control = std::ranges::find_if(statements, [](const runner::Statement& statement) {
    return runner::needs_of(statement.sql).transaction_control.has_value();
  });
  if (control == statements.end()) return false;
  // Where the parser gave up, the END of a SQLite trigger looks like one of a transaction.
  const std::string words = runner::upper(control->sql);
  return split.by == runner::SplitBy::parser || words.starts_with("BEGIN") ||
         words.starts_with("START");
}

/// How many numbers stand at the beginning of several up files each?
std::size_t shared_numbers(const std::vector<File>& files) {
  std::map<std::string, std::size_t> ups;
  for (const File& file : files) {
    const std::size_t end = file.name.find_first_not_of("0123456789");
    if (is_up_file(file) && end > 0 && end != std::string::npos) ++ups[file.name.substr(0, end)];
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(ups, [](const auto& number) { return number.second > 1; }));
}

/// Two files of one number are a merge gone wrong; a habit of it is another tool's layout.
constexpr std::size_t accidents_max = 2;

/// gauntlet and golang-migrate name their files alike: what the files say tells them apart.
Choice choose_by_content(const std::vector<File>& files) {
  if (const std::size_t shared = shared_numbers(files); shared > accidents_max)
    return {.format = find_format("maragu-migrate"),
            .why = fmt::format("{} numbers stand before several up files each, which other tools "
                               "refuse",
                               shared)};
  std::size_t ups = 0, as_they_stand = 0;
  bool has_directive = false;
  for (const File& file : files) {
    if (is_code_beside_sql(file.name))
      return {.format = find_format("golang-migrate"),
              .why = fmt::format("{} is a step in code beside NNN_name.up.sql", file.name)};
    if (!is_up_file(file)) continue;
    ++ups;
    has_directive = has_directive || runner::directives_of(file.bytes).no_transaction;
    if (is_sent_as_it_stands(file)) ++as_they_stand;
  }
  if (as_they_stand == 0 || has_directive)
    return {.format = find_format("gauntlet"), .is_sure = false};
  return {.format = find_format("golang-migrate"),
          .why = fmt::format(
              "{} of {} up files begin a transaction themselves, or are a lone "
              "statement that refuses one, and none has a directive; gauntlet-migrate refuses "
              "these files (--format gauntlet)",
              as_they_stand, ups)};
}

}  // namespace

Choice choose(const std::vector<File>& files) {
  const Format* best = nullptr;
  std::size_t most = 0;
  for (const Format& format : formats()) {
    constexpr std::size_t weights[] = {2, 1, 10'000};
    const std::size_t signs =
        count_signs(format, files) * weights[static_cast<std::size_t>(format.sign)];
    if (signs <= most) continue;
    most = signs;
    best = &format;
  }
  if (best == nullptr) return choose_by_content(files);
  const auto all = static_cast<std::size_t>(std::count_if(files.begin(), files.end(), is_sql));
  if (best->name == "gauntlet") {
    if (Choice other = choose_by_content(files); other.is_sure) return other;
  }
  const std::size_t with_sign = count_signs(*best, files);
  if (best->sign == Format::Sign::enough)
    return {.format = best, .why = fmt::format("there is {}", best->signs)};
  return {.format = best,
          .why = fmt::format("{} of {} SQL files have {}", with_sign, all, best->signs)};
}

std::string code_tool_of(const std::vector<File>& files) {
  struct Sign {
    std::string_view extension, text, tool;
  };
  constexpr std::array<Sign, 20> signs = {{{".py", "down_revision", "Alembic"},
                                           {".py", "migrations.Migration", "Django"},
                                           {".py", "from yoyo", "yoyo"},
                                           {".rb", "ActiveRecord::Migration", "Rails"},
                                           {".ts", "MigrationInterface", "TypeORM"},
                                           {".js", "MigrationInterface", "TypeORM"},
                                           {".js", "knex", "Knex"},
                                           {".ts", "knex", "Knex"},
                                           {".js", "pgm", "node-pg-migrate"},
                                           {".fizz", "", "pop (Buffalo, fizz)"},
                                           {".js", "queryInterface", "Sequelize or Umzug"},
                                           {".ts", "queryInterface", "Sequelize or Umzug"},
                                           {".exs", "Ecto.Migration", "Ecto"},
                                           {".php", "Schema::", "Laravel"},
                                           {".php", "Phinx", "Phinx"},
                                           {".rs", "MigrationTrait", "SeaORM"},
                                           {".xml", "databaseChangeLog", "Liquibase"},
                                           {".yaml", "databaseChangeLog", "Liquibase"},
                                           {".cs", "MigrationBuilder", "Entity Framework"},
                                           {".java", "BaseJavaMigration", "Flyway (Java)"}}};
  for (const File& file : files)
    for (const Sign& sign : signs)
      if (file.name.ends_with(sign.extension) && file.bytes.find(sign.text) != std::string::npos)
        return std::string(sign.tool);
  return {};
}

}  // namespace gauntlet::formats
