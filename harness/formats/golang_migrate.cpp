// golang-migrate: `^([0-9]+)_(.*)\.(up|down)\.(.*)$` (source/parse.go). It sends each file as it
// stands, in one message and outside a transaction of its own.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <regex>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

/// Does somebody mean it as a migration, though the tool passes over it?
bool looks_meant(const File& file) {
  static const std::regex number(R"(^[0-9]+[-_. ].*\.sql$)");
  return std::regex_match(file.name, number);
}

/// golang-migrate itself would send it as SQL; tools built on its layout run it.
void note_code_step(const File& file, Steps& steps) {
  const auto number = numbered(file.name.substr(0, file.name.find('.')));
  if (!number) return;
  steps.note(fmt::format("{} is a step in code: skipped, so what it does is missing in every check",
                         file.name));
  if (file.name.find(".up.") != std::string::npos)
    steps.skipped({.file = file.name, .version = number->version});
}

Reading read_golang_migrate(const Format& format, const std::vector<File>& files) {
  static const std::regex pattern(R"(^([0-9]+)_(.*)\.(up|down)\.(.*)$)");
  Steps steps(format);
  for (const File& file : files) {
    if (file.name.find('/') != std::string::npos) continue;
    if (is_code_beside_sql(file.name)) {
      note_code_step(file, steps);
      continue;
    }
    std::smatch parts;
    const bool is_one = std::regex_match(file.name, parts, pattern);
    const auto number = is_one ? numbered(parts.str(1) + "_" + parts.str(2)) : std::nullopt;
    if (!number) {
      if (is_one || looks_meant(file)) steps.unrecognized(file);
      continue;
    }
    Part part{.file = &file,
              .version = number->version,
              .name = number->name.empty() ? "unnamed" : number->name,
              .sql = file.bytes};
    parts.str(3) == "up" ? steps.up(std::move(part)) : steps.down(std::move(part));
  }
  return steps.reading();
}

}  // namespace

Format golang_migrate() {
  return {.name = "golang-migrate",
          .files = "NNN_name.up.sql and NNN_name.down.sql",
          .own_transactions = true,
          .lone_statement = true,
          .marked = Delivery::as_one_message,
          .runner_mode = "whole-file",
          .fails_on_mark = true,
          .tracker = "golang-migrate",
          .rules = {.lone_down = Rules::LoneDown::empty_step},
          .read = read_golang_migrate,
          .write = write_up_and_down};
}

}  // namespace gauntlet::formats
