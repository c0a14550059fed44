#include "harness/verify/layout.h"

#include "harness/formats/choose.h"
#include "harness/formats/folder.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {
namespace {

using formats::File;
using formats::Format;
using formats::Reading;

bool is_error(const runner::Problem& problem) {
  return problem.severity == runner::Problem::Severity::error;
}

bool is_unrecognized(const runner::Problem& problem) { return problem.id == "unrecognized-file"; }

runner::Problem unknown_layout(std::string message, std::string fix,
                               const std::vector<File>& files) {
  runner::Problem problem{.id = "unknown-layout", .message = std::move(message)};
  if (!files.empty()) problem.files = {files.front().path};
  problem.fix = std::move(fix);
  return problem;
}

/// One finding for a folder of which no file was read: whose it may be.
void name_the_layout(Reading& reading, const Format& format, const std::vector<File>& files) {
  auto& problems = reading.listing.problems;
  if (!reading.listing.migrations.empty() || files.empty()) return;
  const formats::Choice choice = formats::choose(files);
  const std::string tool = formats::code_tool_of(files);
  const auto skipped =
      static_cast<std::size_t>(std::count_if(problems.begin(), problems.end(), is_unrecognized));
  if (choice.is_sure && choice.format->name != format.name) {
    std::erase_if(problems, is_unrecognized);
    problems.push_back(unknown_layout(
        fmt::format("no file is named as {} expects; {}: the layout of {}", format.name, choice.why,
                    choice.format->name),
        fmt::format("verify it with `--format {}`, or leave --format out", choice.format->name),
        files));
  } else if (!tool.empty()) {
    std::erase_if(problems, is_unrecognized);
    problems.push_back(unknown_layout(
        fmt::format("the migrations are {}'s, which are code and not SQL", tool),
        "let the tool apply them: name its command with `gauntlet test --runner`", files));
  } else if (skipped > 1) {
    std::erase_if(problems, is_unrecognized);
    std::vector<std::string_view> known;
    for (const Format& each : formats::formats()) known.push_back(each.name);
    problems.push_back(unknown_layout(
        fmt::format("{} files look like migrations, and none is named as a layout that is known "
                    "expects",
                    skipped),
        fmt::format("name the layout with `--format`: {}", fmt::join(known, ", ")), files));
  }
}

}  // namespace

Layout read_layout(const Options& options) {
  const bool is_auto = options.format.name == "auto";
  std::vector<File> files;
  Layout layout{.format = options.format, .reading = {}};
  std::string why;
  if (is_auto) {
    files = formats::files_of(options.migrations);
    const formats::Choice choice = formats::choose(files);
    layout.format = *choice.format;
    why = choice.why;
  }
  const Format format =
      options.runner ? formats::as_read_by_any_runner(layout.format) : layout.format;
  layout.reading = formats::read_folder(format, options.migrations);
  if (layout.reading.listing.migrations.empty()) {
    if (!is_auto) files = formats::files_of(options.migrations);
    name_the_layout(layout.reading, format, files);
  }
  if (!why.empty() && !layout.format.native)
    layout.reading.notes.insert(layout.reading.notes.begin(),
                                fmt::format("layout: {}, for {}", layout.format.name, why));
  return layout;
}

bool needs_translation(const Options& options, const runner::Listing& listing) {
  if (options.runner || options.format.native) return false;
  if (std::any_of(listing.problems.begin(), listing.problems.end(), is_error)) return false;
  if (options.format.name != "golang-migrate") return true;
  const runner::Listing ours = runner::read_folder(options.migrations);
  return std::any_of(ours.problems.begin(), ours.problems.end(), is_error) ||
         ours.migrations.size() != listing.migrations.size();
}

std::string stand_in_note(const Options& options) {
  return fmt::format(
      "gauntlet-migrate stands in for {}, over the same steps: name the tool with --runner to "
      "judge "
      "it",
      options.format.name);
}

}  // namespace gauntlet::verify
