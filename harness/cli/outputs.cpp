#include "harness/cli/outputs.h"

#include "harness/cli/command_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

using Kind = OutputTarget::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 8> output_kinds = {{
    {"text", Kind::text},
    {"json", Kind::json},
    {"github", Kind::github},
    {"sarif", Kind::sarif},
    {"gitlab", Kind::gitlab},
    {"junit", Kind::junit},
    {"markdown", Kind::markdown},
    {"html", Kind::html},
}};

Kind kind_named(std::string_view name) {
  for (const auto& [known, kind] : output_kinds)
    if (known == name) return kind;
  std::string names;
  for (const auto& [known, kind] : output_kinds)
    names += (names.empty() ? "" : ", ") + std::string(known);
  throw UsageError(fmt::format("--output: there is no kind `{}`; the kinds are {}", name, names));
}

OutputTarget target_of(std::string_view word) {
  const std::size_t equals = word.find('=');
  OutputTarget target{.kind = kind_named(word.substr(0, equals))};
  if (equals == std::string_view::npos) return target;
  target.file = word.substr(equals + 1);
  if (target.file.empty())
    throw UsageError(fmt::format("--output: `{}` names no file after `=`", word));
  return target;
}

/// Annotations are lines among others, also of text; any other kind needs stdout for itself.
bool fills_stdout(const OutputTarget& target) {
  return target.file.empty() && target.kind != Kind::github;
}

}  // namespace

std::vector<OutputTarget> output_targets(const std::vector<std::string>& words, bool in_github) {
  std::vector<OutputTarget> targets;
  for (const std::string& word : words) {
    OutputTarget target = target_of(word);
    if (std::ranges::find(targets, target) == targets.end()) targets.push_back(std::move(target));
  }
  const auto first = std::ranges::find_if(targets, fills_stdout);
  if (first == targets.end()) {
    targets.insert(targets.begin(), OutputTarget{});
  } else if (const auto second = std::find_if(first + 1, targets.end(), fills_stdout);
             second != targets.end()) {
    throw UsageError(
        fmt::format("--output: {0} and {1} both go to stdout; name a file for one: "
                    "--output {1}=FILE",
                    name_of(first->kind), name_of(second->kind)));
  }
  const bool has_annotations =
      std::ranges::find(targets, Kind::github, &OutputTarget::kind) != targets.end();
  if (in_github && !has_annotations) targets.push_back({.kind = Kind::github});
  return targets;
}

std::string_view name_of(OutputTarget::Kind kind) {
  return std::ranges::find(output_kinds, kind, &std::pair<std::string_view, Kind>::second)->first;
}

}  // namespace gauntlet::cli
