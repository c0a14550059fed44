#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "harness/mutant/mutant.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/check.h"
#include "harness/verify/lint.h"
#include "harness/verify/sqlite_lint.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

struct Listed {
  std::string_view id, claim;
  std::vector<std::string_view> killed_by = {};  ///< of a mutant: the scenarios that must see it
};

std::string as_json(std::string_view what, const std::vector<Listed>& things) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const Listed& thing : things) {
    entries.push_back({{"id", thing.id}, {"claim", thing.claim}});
    if (!thing.killed_by.empty()) entries.back()["killed_by"] = thing.killed_by;
  }
  return nlohmann::ordered_json({{"schema", 1}, {what, entries}}).dump() + "\n";
}

std::string as_text(const std::vector<Listed>& things) {
  std::size_t width = 0;
  for (const Listed& thing : things) width = std::max(width, thing.id.size());
  std::string text;
  for (const Listed& thing : things)
    text += fmt::format("{:{}}  {}\n", thing.id, width, thing.claim);
  return text;
}

}  // namespace

int list(const ListCommand& command, const Catalogue& catalogue) {
  std::string_view what;
  std::vector<Listed> things;
  switch (command.what) {
    case ListCommand::What::scenarios:
      what = "scenarios";
      for (const auto& scenario : catalogue) things.push_back({scenario.id, scenario.claim});
      break;
    case ListCommand::What::mutants:
      what = "mutants";
      for (const auto& mutant : mutant::mutants())
        things.push_back({mutant.name, mutant.flaw, mutant.killed_by});
      break;
    case ListCommand::What::checks:
      what = "checks";
      for (const auto& check : verify::checks()) things.push_back({check.id, check.claim});
      break;
    case ListCommand::What::findings:
      what = "findings";
      for (const auto& found : verify::lint_finding_ids())
        things.push_back({found.id, found.sentence});
      for (const auto& found : verify::sqlite_lint_finding_ids())
        things.push_back({found.id, found.sentence});
      break;
    case ListCommand::What::oracles:
      what = "oracles";
      for (const auto& oracle : oracle::oracles()) things.push_back({oracle.id, oracle.claim});
      break;
  }
  const bool is_json = command.output == Output::json;
  print_result(is_json ? as_json(what, things) : as_text(things),
               is_json ? Form::json : Form::text);
  return 0;
}

}  // namespace gauntlet::cli
