// A statement that refuses a transaction fails; the fixture does what the message names.
#pragma once

#include "harness/reference/server_fixture_test.h"
#include "runner/repair.h"

#include <functional>
#include <optional>
#include <regex>
#include <string>

namespace gauntlet::runner {

class FollowedRemedy : public OnServer {
 protected:
  std::string said(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  std::string resume_says(int version, std::optional<int> from = {}) const {
    return said(
        [&] { runner::resume(*sessions_of(conninfo()), listing(), Version{version}, from, {}); });
  }

  /// Does the first command that `text` names: `resume V`, perhaps with `--from`.
  std::string follow(const std::string& text, const RunOptions& options = {}) const {
    std::smatch found;
    const std::regex command("`gauntlet-migrate resume ([0-9]+)(?: --from ([0-9]+|end))?`");
    if (!std::regex_search(text, found, command)) return "it names no command: " + text;
    std::optional<int> from;
    if (found[2] == "end") {
      from = resume_at_end;
    } else if (found[2].matched) {
      from = std::stoi(found[2]);
    }
    const Version version{std::stoi(found[1])};
    return said(
        [&] { runner::resume(*sessions_of(conninfo()), listing(), version, from, options); });
  }

  std::string marks() const {
    return value(
        "SELECT string_agg(version || ' at ' || statement_index || ' of ' || statements, ', ')"
        " FROM applied_migrations_in_progress");
  }
};

}  // namespace gauntlet::runner
