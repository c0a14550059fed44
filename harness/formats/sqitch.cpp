// Sqitch: sqitch.plan names the changes in order; psql runs deploy/NAME.sql and revert/NAME.sql,
// which say themselves where a transaction begins and ends.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

/// The names of a plan's changes: lines that are no pragma, no tag and no comment.
std::vector<std::string> changes_of(std::string_view plan) {
  std::vector<std::string> names;
  for_each_line(plan, [&](const Line& line) {
    if (line.text.empty() || std::string_view("%@#-").find(line.text.front()) != std::string::npos)
      return;
    std::string_view name = line.text;
    if (name.starts_with('+'))
      name.remove_prefix(std::min(name.find_first_not_of("+ "), name.size()));
    names.emplace_back(name.substr(0, name.find_first_of(" \t[")));
  });
  return names;
}

Reading read_sqitch(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  std::map<std::string_view, const File*> by_name;
  for (const File& file : files) by_name.emplace(file.name, &file);
  const auto plan = by_name.find("sqitch.plan");
  if (plan == by_name.end()) return steps.reading();
  std::int64_t number = 0;
  for (const std::string& change : changes_of(plan->second->bytes)) {
    ++number;
    const std::string deploy = "deploy/" + change + ".sql", revert = "revert/" + change + ".sql";
    const auto up = by_name.find(deploy), down = by_name.find(revert);
    if (up == by_name.end()) {
      steps.problem(
          {.id = "missing-file",
           .message = fmt::format("sqitch.plan names {}, and there is no {}", change, deploy),
           .files = {plan->second->path},
           .fix = "add the file, or take the change out of the plan"});
      continue;
    }
    const auto part = [&](const File& file) {
      return Part{.file = &file, .version = {number}, .name = change, .sql = file.bytes};
    };
    steps.up(part(*up->second));
    if (down != by_name.end()) steps.down(part(*down->second));
  }
  return steps.reading();
}

/// The last statement ended, so that COMMIT may stand behind it.
std::string ended(const std::string& sql) { return with_newline(sql) + ";\n"; }

std::string psql_script(const std::string& sql) {
  return wants_no_transaction(sql) ? ended(sql) : "BEGIN;\n" + ended(sql) + "COMMIT;\n";
}

ProjectFiles write_sqitch(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  std::string plan = "%syntax-version=1.0.0\n%project=gauntlet\n\n";
  for (const runner::Migration& migration : migrations) {
    const std::string stem = stem_of(migration);
    plan += fmt::format("{} 2001-01-01T00:00:00Z gauntlet <gauntlet@localhost> # {}\n", stem,
                        migration.name);
    files["deploy/" + stem + ".sql"] = with_mark_of(migration, psql_script(up_text(migration)));
    files["revert/" + stem + ".sql"] = psql_script(down_text(migration));
  }
  files["sqitch.plan"] = plan;
  files["sqitch.conf"] =
      "[core]\n\tengine = pg\n[user]\n\tname = gauntlet\n"
      "\temail = gauntlet@localhost\n";
  return files;
}

}  // namespace

Format sqitch() {
  return {.name = "sqitch",
          .files = "sqitch.plan, deploy/NNN_name.sql, revert/NNN_name.sql",
          .own_transactions = true,
          .lone_statement = true,
          .marker = true,
          .marker_fix = "take BEGIN and COMMIT out of the script",
          .psql = true,
          .tracker = "Sqitch",
          .signs = "a sqitch.plan",
          .is_its = [](const File& file) { return file.name == "sqitch.plan"; },
          .sign = Format::Sign::enough,
          .read = read_sqitch,
          .write = write_sqitch};
}

}  // namespace gauntlet::formats
