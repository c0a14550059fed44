#include "harness/verify/layout.h"

#include "harness/core/files.h"
#include "harness/formats/choose.h"
#include "harness/formats/folder.h"
#include "harness/formats/templates.h"

#include <algorithm>
#include <set>
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

/// A schema dump beside the sub-folders (`LATEST.sql`) is no step.
bool has_a_step_of_its_own(const std::vector<File>& files) {
  return std::ranges::any_of(files, [](const File& file) {
    const bool is_numbered = file.name.find_first_of("0123456789") == 0;
    return is_numbered && file.name.ends_with(".sql") && file.name.find('/') == std::string::npos;
  });
}

/// `0.19/00_init.sql`, where all steps lie in sub-folders; empty where one does not.
std::string first_nested(const std::vector<File>& files) {
  if (has_a_step_of_its_own(files)) return {};
  const auto nested = std::ranges::find_if(files, [](const File& file) {
    return file.name.ends_with(".sql") && file.name.find('/') != std::string::npos;
  });
  return nested == files.end() ? std::string() : nested->name;
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
  } else if (const auto nested = first_nested(files); !nested.empty()) {
    std::erase_if(problems, is_unrecognized);
    problems.push_back(unknown_layout(
        fmt::format("no step lies in the folder itself; those in its sub-folders ({}) are in "
                    "no layout that is known",
                    nested),
        "name one of its sub-folders with --migrations, or write a file order.txt that names all "
        "files in their order",
        files));
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

/// A file that is not SQL before its tool has filled it in.
std::string template_of_files(const runner::Listing& listing) {
  for (const runner::Migration& migration : listing.migrations) {
    const std::string found = formats::template_in(migration.up.sql());
    if (found.empty()) continue;
    return fmt::format("{} holds `{}`, which only its tool fills in",
                       core::name_in_messages(migration.up.file), found);
  }
  return {};
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
  if (layout.reading.only_by_its_runner.empty())
    layout.reading.only_by_its_runner = template_of_files(layout.reading.listing);
  if (!why.empty() && !layout.format.native)
    layout.reading.notes.insert(layout.reading.notes.begin(),
                                fmt::format("layout: {}, for {}", layout.format.name, why));
  return layout;
}

namespace {

bool has_two_of_one_version(const runner::Listing& listing) {
  std::set<runner::Version> versions;
  return std::ranges::any_of(listing.migrations, [&](const runner::Migration& migration) {
    return !versions.insert(migration.version).second;
  });
}

/// gauntlet-migrate applies them in no other order.
bool is_in_order_of_numbers(const runner::Listing& listing) {
  return std::ranges::is_sorted(listing.migrations, {}, &runner::Migration::version);
}

}  // namespace

std::optional<Layout> layout_to_try(const Options& options, const Layout& layout) {
  const bool is_throwaway =
      options.database == "ephemeral" || options.database == "sqlite:ephemeral";
  const auto& problems = layout.reading.listing.problems;
  const bool only_pairs = std::ranges::all_of(problems, [](const runner::Problem& problem) {
    return !is_error(problem) || problem.id == "duplicate-version" ||
           problem.id == "duplicate-down" || problem.id == "down-without-up";
  });
  const bool is_refused = std::ranges::any_of(problems, is_error);
  const bool is_needed = is_refused || has_two_of_one_version(layout.reading.listing) ||
                         !is_in_order_of_numbers(layout.reading.listing);
  if (options.runner || !is_throwaway || !only_pairs || !is_needed) return std::nullopt;
  Layout tried = layout;
  if (is_refused) {
    tried.format = formats::as_read_by_any_runner(layout.format);
    tried.reading = formats::read_folder(tried.format, options.migrations);
  }
  tried.format.native = false;
  std::int64_t number = 0;
  for (runner::Migration& migration : tried.reading.listing.migrations)
    migration.version = {++number};
  return tried;
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
