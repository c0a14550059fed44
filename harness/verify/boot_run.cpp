#include "harness/verify/boot_run.h"

#include "harness/observe/observe.h"
#include "harness/sql/migration_facts.h"
#include "harness/verify/environment.h"
#include "harness/verify/pending.h"
#include "harness/verify/prerequisite.h"
#include "runner/postgres.h"
#include "runner/values/session.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

constexpr std::size_t tail_lines_max = 12;
constexpr std::size_t tail_bytes_max = 2'000;

/// The last lines of `text`, without what ends in white space.
std::string_view last_lines(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  std::size_t from = text.size();
  for (std::size_t lines = 0; lines < tail_lines_max && from != std::string_view::npos && from > 0;
       ++lines) {
    from = text.rfind('\n', from - 1);
  }
  if (from != std::string_view::npos && from > 0 && from < text.size())
    text.remove_prefix(from + 1);
  if (text.size() > tail_bytes_max) text.remove_prefix(text.size() - tail_bytes_max);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) {
    text.remove_prefix(1);  // Never begin inside a character.
  }
  return text;
}

bool is_recorded(const core::Applied& applied, runner::Version version) {
  return std::any_of(applied.rows.begin(), applied.rows.end(), [&](const core::AppliedRow& row) {
    return row.version == version.number || (applied.only_newest && row.version > version.number);
  });
}

}  // namespace

fleet::Subject subject_of(const Options& options) {
  if (options.subject) return *options.subject;
  if (options.runner) return fleet::command_subject(*options.runner, options.success_codes);
  const bool is_usual = options.statement_timeout == Options().statement_timeout;
  return fleet::reference_subject(
      std::string(options.format.runner_mode),
      is_usual ? std::string() : fmt::format("{}ms", options.statement_timeout.count()));
}

std::vector<core::AppliedRow> on_disk(const runner::Listing& listing) {
  std::vector<core::AppliedRow> rows;
  rows.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations) {
    rows.push_back({.version = migration.version.number, .name = migration.name});
  }
  return rows;
}

std::chrono::milliseconds run_patience(const Options& options) {
  const bool is_unbounded = options.statement_timeout == std::chrono::milliseconds::zero();
  return is_unbounded ? std::chrono::minutes(10)
                      : std::max<std::chrono::milliseconds>(2 * options.statement_timeout,
                                                            std::chrono::minutes(1));
}

bool succeeded(const core::History& history, const fleet::Subject& subject) {
  const core::Event* end = history.exit_of(0);
  return end != nullptr && end->exit_code.has_value() &&
         std::find(subject.success_codes.begin(), subject.success_codes.end(), *end->exit_code) !=
             subject.success_codes.end();
}

bool was_killed(const core::History& history) {
  const core::Event* end = history.exit_of(0);
  return end != nullptr && end->kind == core::Event::Kind::killed;
}

std::optional<std::string> excuse_of(const Context& context, const arena::Database& database) {
  std::string ignored;
  const auto applied = applied_by_subject(context.options, database.address(), ignored);
  std::vector<runner::Migration> pending;
  for (const runner::Migration& migration : context.listing.migrations) {
    if (!applied || !is_recorded(*applied, migration.version)) pending.push_back(migration);
  }
  const auto session = runner::connect_postgres(database.address().conninfo());
  if (!pending.empty()) {
    const WhenSent sent = when_sent(*session, pending.front(), context.listing.migrations);
    if (sent.fault) return sent.fault;
    const bool is_next = applied || context.arena->is_ephemeral();
    if (sent.fails && is_next) return std::nullopt;  // whatever a later file may lack
  }
  if (auto fault = environment_fault(*session, pending)) return fault;
  const bool meets_itself = !context.arena->is_ephemeral() &&
                            std::any_of(pending.begin(), pending.end(), [](const auto& migration) {
                              return !sql::facts_of(migration.up).cluster_wide.empty();
                            });
  if (!meets_itself) return std::nullopt;
  return "a migration acts on the whole server, where it meets what earlier runs left: judged with "
         "`--database ephemeral` only";
}

void name_files(core::Judgement& judgement, const runner::Listing& listing) {
  for (core::Finding& finding : judgement.findings) {
    const auto migration = std::find_if(
        listing.migrations.begin(), listing.migrations.end(),
        [&](const auto& each) { return each.version.number == finding.where.version; });
    if (migration == listing.migrations.end() || !finding.where.file.empty()) continue;
    finding.where.file = migration->up.file.string();
  }
}

std::string how_it_ended(const core::History& history) {
  const core::Event* end = history.exit_of(0);
  if (end == nullptr) return "not seen to end";
  if (was_killed(history)) {
    const std::chrono::duration<double> after = end->at;
    return fmt::format("not ended after {:.1f} s, so it was killed", after.count());
  }
  return process::Exit{end->exit_code, end->signal}.text();
}

std::string tail(const core::ReplicaOutput& output) {
  const std::string_view err = last_lines(output.err), out = last_lines(output.out);
  if (err.empty() && out.empty()) return "it printed nothing";
  if (err.empty() || out.empty()) return fmt::format("it printed:\n{}", err.empty() ? out : err);
  return fmt::format("it printed to stderr:\n{}\nand to stdout:\n{}", err, out);
}

}  // namespace gauntlet::verify
