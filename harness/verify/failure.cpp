#include "harness/verify/failure.h"

#include "harness/core/files.h"
#include "harness/verify/file_plan.h"
#include "harness/verify/remedy.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::verify {

namespace {

bool is_any_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// The byte at which character number `position` (from 1) of UTF-8 `text` starts; its end if there
/// is none.
std::size_t byte_of_character(std::string_view text, std::size_t position) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (starts && ++characters == position) return at;
  }
  return text.size();
}

/// The failing statement's first byte in the part that was sent, by counting those that completed.
std::optional<std::size_t> byte_by_counting(const runner::SqlError& error, const Framing& framing) {
  if (error.statements_completed() < framing.prefix_statements) return std::nullopt;
  const std::size_t index = error.statements_completed() - framing.prefix_statements;
  const runner::Split split = runner::split(framing.part);
  if (split.by != runner::SplitBy::parser || index >= split.statements.size()) return std::nullopt;
  return split.statements[index].offset;
}

std::optional<runner::Place> place_of(const runner::Migration& migration,
                                      const runner::SqlError& error, const Framing& framing) {
  std::optional<std::size_t> byte;
  const auto& position = error.said().position;
  if (position && *position > framing.prefix_characters) {
    byte = byte_of_character(framing.part, *position - framing.prefix_characters);
  } else if (!position) {
    byte = byte_by_counting(error, framing);
  }
  if (!byte) return std::nullopt;
  return runner::place_of_byte(migration.up.sql(), framing.offset + *byte);
}

/// `; statement 3 of 3 failed, the 2 before it stay, and an INVALID index t_j`.
std::string what_stays(const Framing& framing, const Around& around) {
  std::string text;
  if (framing.statements > 1) {
    text = fmt::format("; statement {} of {} failed", framing.statement, framing.statements);
    if (framing.statement > 1)
      text += fmt::format(", the {} before it stay{}", framing.statement - 1,
                          framing.statement == 2 ? "s" : "");
  }
  if (around.invalid_indexes.empty()) return text;
  return text + fmt::format("{} an INVALID index {}", text.empty() ? "; it leaves" : ", and",
                            fmt::join(around.invalid_indexes, ", "));
}

}  // namespace

Blame blame(const runner::ServerMessage& said) {
  const std::string_view code = said.sqlstate;
  if (code == "55P03") return Blame::lock;
  if (code == "57014") return Blame::timeout;
  if (code.empty() || is_any_of(code, {"40001", "40P01"})) return Blame::server;
  const std::string_view kind = code.substr(0, 2);
  const bool out_of_order = code != "58P01" && is_any_of(kind, {"08", "53", "57", "58"});
  return out_of_order ? Blame::server : Blame::migration;
}

bool may_pass_alone(const runner::ServerMessage& said) {
  return is_any_of(said.sqlstate, {"25001", "25006", "55P04", "2D000", "53200"});
}

bool may_be_frozen_values(const runner::ServerMessage& said) {
  return is_any_of(said.sqlstate.substr(0, 2), {"22", "23", "P0"});
}

Failed failed_part(const runner::SqlError& error, const Framing& framing) {
  if (error.said().position) return Failed::in_file;
  if (error.statements_completed() <= framing.prefix_statements) return Failed::in_file;
  const runner::Split split = runner::split(framing.part);
  const std::size_t ours = framing.prefix_statements + split.statements.size();
  return error.statements_completed() >= ours ? Failed::after_file : Failed::in_file;
}

core::Finding failure_finding(const runner::Migration& migration, const runner::SqlError& error,
                              const Framing& framing, const Around& around) {
  core::Finding finding{
      .id = "migration-fails",
      .where = {.file = migration.up.file.string(), .version = migration.version.number}};
  const runner::ServerMessage& said = error.said();
  if (failed_part(error, framing) == Failed::after_file && said.sqlstate.substr(0, 2) == "23") {
    finding.id = "constraint-fails-at-commit";
    finding.message =
        fmt::format("{} would fail at its COMMIT: {}", runner::to_string(migration), told(said));
    finding.fix = fmt::format("make the rows that {} leaves satisfy the constraint",
                              core::name_in_messages(migration.up.file));
    return finding;
  }
  finding.message = fmt::format("{} fails: {}{}", runner::to_string(migration), told(said),
                                what_stays(framing, around));
  if (!around.already_there.empty()) {
    finding.message += fmt::format(
        "; before it began the database had what its {} {}: a run of it stopped half-way, or "
        "somebody else made them",
        fmt::join(around.already_there, ", "),
        around.already_there.size() == 1 ? "creates" : "create");
  }
  if (said.sqlstate == "57014" && !around.own_timeout.empty()) {
    finding.message += fmt::format(
        "; the target's own statement_timeout is {}, and the runner's sessions have it, too",
        around.own_timeout);
  }
  finding.fix = remedy_for(migration, said, framing, around);
  if (const auto place = place_of(migration, error, framing)) {
    finding.where.line = place->line;
    finding.where.column = place->column;
  }
  return finding;
}

std::string told(const runner::ServerMessage& said) {
  std::string text = said.message;
  if (!said.sqlstate.empty()) text += fmt::format(" (SQLSTATE {})", said.sqlstate);
  if (!said.detail.empty()) text += fmt::format("; detail: {}", said.detail);
  if (!said.hint.empty()) text += fmt::format("; hint: {}", said.hint);
  if (!said.context.empty()) {
    constexpr std::size_t context_max = 300;
    std::string context = said.context.substr(0, context_max);
    std::ranges::replace(context, '\n', ' ');
    text += fmt::format("; context: {}", context);
  }
  return text;
}

std::string reason_of(const std::exception& exception) {
  const auto* error = dynamic_cast<const runner::Error*>(&exception);
  if (error == nullptr) return exception.what();
  std::string text = error->message();
  if (!error->where().empty()) text += fmt::format(" ({})", error->where());
  if (!error->fix().empty()) text += fmt::format("; {}", error->fix());
  return text;
}

}  // namespace gauntlet::verify
