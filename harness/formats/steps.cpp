#include "harness/formats/steps.h"

#include "harness/formats/text.h"
#include "runner/sql/statement_postgres.h"
#include "runner/sql/text_encoding.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::formats {
namespace {

using runner::Problem;
using Severity = Problem::Severity;

std::string shown(const Part& part) { return runner::printable(part.file->name); }

bool comes_before(const Part& a, const Part& b) {
  if (a.order != b.order) return a.order < b.order;
  return a.version != b.version ? a.version < b.version : a.file->name < b.file->name;
}

std::optional<Problem> problem_of_text(const Part& part) {
  Problem problem{.files = {part.file->path}, .version = part.version};
  if (const auto bad = runner::first_byte_not_utf8(part.sql)) {
    problem.id = "not-utf8";
    problem.message = fmt::format("`{}` is not UTF-8: byte 0x{:02x}", shown(part),
                                  static_cast<unsigned char>(part.sql[*bad]));
    problem.place = runner::place_of_byte(part.sql, *bad);
    problem.fix = "save it as UTF-8";
    return problem;
  }
  if (const auto nul = part.sql.find('\0'); nul != std::string::npos) {
    problem.id = "nul-byte";
    problem.message =
        fmt::format("`{}` holds a NUL byte, where the server would stop reading", shown(part));
    problem.place = runner::place_of_byte(part.sql, nul);
    problem.fix = "take the NUL byte out";
    return problem;
  }
  return std::nullopt;
}

}  // namespace

Part Steps::named(Part part) {
  if (!part.name.empty() || part.file == nullptr) return part;
  const std::filesystem::path path(part.file->name);
  const auto name = sql_name(path.filename().string());
  part.name = name && !name->stem.empty() ? std::string(name->stem) : path.stem().string();
  return part;
}

void Steps::unrecognized(const File& file) {
  problem({.id = "unrecognized-file",
           .severity = Severity::warning,
           .message = fmt::format("`{}` looks like a migration, but {} does not read it as one",
                                  runner::printable(file.name), format_.name),
           .files = {file.path},
           .fix = fmt::format("name it as {} expects: {}; or move it out of the folder",
                              format_.name, format_.files)});
}

Reading Steps::reading() {
  std::stable_sort(ups_.begin(), ups_.end(), comes_before);
  std::stable_sort(downs_.begin(), downs_.end(), comes_before);
  judge_duplicates(ups_, "duplicate-version", "up");
  judge_duplicates(downs_, "duplicate-down", "down");
  judge_lone_downs();
  for (const Part& up : ups_) add(up);
  if (format_.psql) look_for_psql();
  return std::move(reading_);
}

void Steps::judge_duplicates(const std::vector<Part>& parts, std::string_view id,
                             std::string_view direction) {
  using Duplicates = Rules::Duplicates;
  if (format_.rules.duplicates == Duplicates::set_by_name) return;
  std::map<runner::Version, std::vector<const Part*>> by_version;
  for (const Part& part : parts) by_version[part.version].push_back(&part);
  for (const auto& [version, same] : by_version) {
    if (same.size() < 2) continue;
    std::vector<std::string> names;
    std::vector<std::filesystem::path> paths;
    for (const Part* part : same) {
      names.push_back(shown(*part));
      paths.push_back(part->file->path);
    }
    const bool refused = format_.rules.duplicates == Duplicates::refused;
    problem({.id = std::string(id),
             .severity = refused ? Severity::error : Severity::warning,
             .message = fmt::format("version {} has {} {} files: {}", version.number, same.size(),
                                    direction, fmt::join(names, ", ")),
             .files = std::move(paths),
             .version = version,
             .fix = "keep one of them, and give the others versions of their own"});
  }
}

/// An up file with this version; with several, the one of the same name.
void Steps::judge_lone_downs() {
  using LoneDown = Rules::LoneDown;
  std::vector<Part> empty_steps;
  for (const Part& down : downs_) {
    if (std::any_of(ups_.begin(), ups_.end(),
                    [&](const Part& up) { return up.version == down.version; }))
      continue;
    const LoneDown rule = format_.rules.lone_down;
    const bool refused = rule == LoneDown::refused;
    const std::string_view what = rule == LoneDown::empty_step
                                      ? "; the version is recorded and nothing is run for it"
                                  : rule == LoneDown::skipped ? "; it is not applied"
                                                              : "";
    problem({.id = "down-without-up",
             .severity = refused ? Severity::error : Severity::warning,
             .message = fmt::format("version {} has a down file but no up file: {}{}",
                                    down.version.number, shown(down), what),
             .files = {down.file->path},
             .version = down.version,
             .fix = "add the up file, or remove the down file"});
    if (rule == LoneDown::empty_step)
      empty_steps.push_back({.file = down.file, .version = down.version, .name = down.name});
  }
  if (empty_steps.empty()) return;
  ups_.insert(ups_.end(), empty_steps.begin(), empty_steps.end());
  std::stable_sort(ups_.begin(), ups_.end(), comes_before);
}

/// What only psql understands cannot be tried through a session of ours.
void Steps::look_for_psql() {
  for (const Part& up : ups_) {
    const runner::Split split = runner::split(up.sql);
    const bool copies = std::any_of(
        split.statements.begin(), split.statements.end(),
        [](const auto& statement) { return runner::needs_of(statement.sql).copies_from_stdin; });
    if (!split.psql_commands.empty() || copies)
      only_by_its_runner(fmt::format("{} has {}, which only psql understands", shown(up),
                                     copies ? "rows of a COPY" : "commands of psql"));
  }
}

void Steps::add(const Part& up) {
  runner::Migration migration{.version = up.version, .name = up.name, .up = script_of(up)};
  const auto same_version = std::count_if(
      ups_.begin(), ups_.end(), [&](const Part& other) { return other.version == up.version; });
  const Part* best = nullptr;
  for (const Part& down : downs_) {
    if (down.version != up.version) continue;
    const bool fits = down.name == up.name;
    if (fits || (best == nullptr && same_version == 1)) best = &down;
  }
  if (best != nullptr) migration.down = script_of(*best);
  if (best != nullptr && best->name != up.name)
    problem({.id = "names-differ",
             .severity = Severity::warning,
             .message = fmt::format("up and down of version {} are described differently: {}, {}",
                                    up.version.number, shown(up), shown(*best)),
             .files = {up.file->path, best->file->path},
             .version = up.version,
             .fix = "give both the same description, unless one of them has the wrong version"});
  reading_.listing.migrations.push_back(std::move(migration));
}

runner::Script Steps::script_of(const Part& part) {
  if (auto found = problem_of_text(part)) problem(std::move(*found));
  if (format_.fails_on_mark && part.file->bytes.starts_with(byte_order_mark))
    problem({.id = "byte-order-mark",
             .severity = format_.rules.asks_a_runner ? Severity::warning : Severity::error,
             .message = fmt::format("`{}` begins with a byte-order mark, on which {} fails",
                                    shown(part), format_.name),
             .files = {part.file->path},
             .version = part.version,
             .fix = "save it as UTF-8 without the mark"});
  const bool is_framed = !format_.own_transactions && !format_.psql && !format_.native;
  return {.file = part.file->path,
          .bytes = is_framed ? with_frame_written_out(part.sql) : part.sql,
          .checksum = runner::sha256(part.file->bytes)};
}

std::optional<Numbered> numbered(std::string_view stem, std::string_view separators) {
  Numbered read;
  const auto [end, error] =
      std::from_chars(stem.data(), stem.data() + stem.size(), read.version.number);
  if (error != std::errc() || read.version.number < 0) return std::nullopt;
  stem.remove_prefix(static_cast<std::size_t>(end - stem.data()));
  if (!stem.empty() && separators.find(stem.front()) == std::string_view::npos) return std::nullopt;
  if (!stem.empty()) stem.remove_prefix(1);
  read.name = stem;
  return read;
}

}  // namespace gauntlet::formats
