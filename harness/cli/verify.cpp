#include "harness/cli/certificate_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/core/files.h"
#include "harness/verify/check.h"
#include "runner/values/error.h"

#include <algorithm>

#include <unistd.h>

namespace gauntlet::cli {
namespace {

bool needs_database(const verify::Options& options) {
  const auto& asked = options.checks;
  const auto is_asked = [&](const verify::Check& check) {
    return asked.empty() || std::find(asked.begin(), asked.end(), check.id) != asked.end();
  };
  const auto& checks = verify::checks();
  return std::any_of(checks.begin(), checks.end(), [&](const verify::Check& check) {
    return check.needs_database && is_asked(check);
  });
}

void require_database(const verify::Options& options) {
  if (!options.database.empty() || !needs_database(options)) return;
  throw no_database();
}

core::Report judge(verify::Options options) {
  require_database(options);
  if (!options.init_sql.empty()) options.arena.init_sql = core::read_file(options.init_sql);
  LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
  return verify::verify(options, [&](std::string_view doing) { line.show(doing); });
}

}  // namespace

int verify(VerifyCommand command) {
  command.options.seed = command.seed.value_or(draw_seed());
  const Outcome outcome = outcome_of("verify", command.options.seed, [&] {
    core::Report report = judge(command.options);
    add_certificate(report, command);
    return report;
  });
  return deliver(outcome, command.outputs, command.options.migrations.string());
}

}  // namespace gauntlet::cli
