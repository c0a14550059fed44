// Which reports a command writes, and where: `--output KIND[=FILE]`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::cli {

struct OutputTarget {
  enum class Kind { text, json, github, sarif, gitlab, junit, markdown, html };

  Kind kind = Kind::text;
  std::string file = {};  ///< empty: stdout

  friend bool operator==(const OutputTarget&, const OutputTarget&) = default;
};

struct Outputs {
  std::vector<OutputTarget> targets = {{}};
  bool all = false;  ///< text: every finding, also where many have one cause
};

/// The targets that `words` name. Without one for stdout, text goes there; inside GitHub Actions
/// (`in_github`) annotations are added. Throws: UsageError for an unknown kind and for two kinds
/// that both need stdout.
std::vector<OutputTarget> output_targets(const std::vector<std::string>& words, bool in_github);

/// `json`, as --output spells it.
std::string_view name_of(OutputTarget::Kind kind);

}  // namespace gauntlet::cli
