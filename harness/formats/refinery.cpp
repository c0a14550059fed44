// refinery: `V1__name.sql`, and `U1__name.sql` for a version that may be applied out of order;
// steps in Rust (`.rs`) are code. Each file is one message in a transaction.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <regex>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

Reading read_refinery(const Format& format, const std::vector<File>& files) {
  static const std::regex pattern(R"(^(?:.*/)?[VU]([0-9]+)__(\w+)\.(sql|rs)$)");
  Steps steps(format);
  for (const File& file : files) {
    std::smatch parts;
    if (!std::regex_match(file.name, parts, pattern)) continue;
    const auto number = numbered(parts.str(1) + "_" + parts.str(2));
    if (!number) {
      steps.unrecognized(file);
    } else if (parts.str(3) == "rs") {
      steps.note(fmt::format(
          "{} is a step in Rust: skipped, so what it does is missing in every check", file.name));
      steps.skipped({.file = file.name, .version = number->version});
    } else {
      steps.up(
          {.file = &file, .version = number->version, .name = number->name, .sql = file.bytes});
    }
  }
  return steps.reading();
}

ProjectFiles write_refinery(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations)
    files[fmt::format("V{}__{}.sql", migration.version.number, migration.name)] =
        migration.up.bytes;
  return files;
}

bool is_step_in_rust(const File& file) {
  static const std::regex name(R"(^(?:.*/)?[VU][0-9]+__\w+\.rs$)");
  return std::regex_match(file.name, name);
}

}  // namespace

Format refinery() {
  return {.name = "refinery",
          .files = "V1__name.sql",
          .tracker = "refinery",
          .signs = "names like V1__name.rs",
          .is_its = is_step_in_rust,
          .sign = Format::Sign::enough,
          .read = read_refinery,
          .write = write_refinery};
}

}  // namespace gauntlet::formats
