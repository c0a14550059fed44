#include "harness/run/redundant.h"

#include "harness/oracle/oracle.h"

#include <algorithm>

namespace gauntlet::run {

std::set<std::string> killers_of(const mutant::Mutant& mutant, const core::Judgement& judgement) {
  std::set<std::string> killers;
  for (const core::Finding& finding : judgement.findings)
    if (std::ranges::find(mutant.findings, finding.id) != mutant.findings.end())
      killers.insert(finding.oracle);
  return killers;
}

std::vector<std::string> redundant_oracles(const std::vector<std::set<std::string>>& kills) {
  std::vector<std::string> redundant;
  const auto add = [&](const std::vector<oracle::Oracle>& oracles) {
    for (const oracle::Oracle& oracle : oracles) {
      const bool is_needed = std::ranges::any_of(kills, [&](const std::set<std::string>& killers) {
        return killers.size() == 1 && killers.contains(std::string(oracle.id));
      });
      if (!is_needed) redundant.emplace_back(oracle.id);
    }
  };
  add(oracle::oracles());
  add(oracle::standing_oracles());
  return redundant;
}

}  // namespace gauntlet::run
