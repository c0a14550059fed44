#include "harness/verify/base_schema.h"

#include "harness/core/files.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace gauntlet::verify {

namespace {

namespace fs = std::filesystem;

constexpr int levels_up_max = 8, levels_down_without_repository = 2;
constexpr std::size_t entries_max = 20'000;
constexpr std::uintmax_t bytes_max = 8'000'000;
/// `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "schema"."name"`: so far is a name from its
/// verb.
constexpr std::size_t words_to_name_max = 10;

bool is_passed_over(const std::string& name) {
  constexpr std::array<std::string_view, 6> others = {"node_modules", "vendor",        "target",
                                                      "build",        "site-packages", "venv"};
  return name.starts_with('.') || std::ranges::find(others, name) != others.end();
}

std::optional<fs::path> repository_of(const fs::path& folder) {
  fs::path at = folder;
  std::error_code ignored;
  for (int level = 0; level < levels_up_max && at.has_relative_path(); ++level) {
    if (fs::exists(at / ".git", ignored)) return at;
    at = at.parent_path();
  }
  return std::nullopt;
}

bool is_below(const fs::path& file, const fs::path& folder) {
  const auto [end, at] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end();
}

std::string folded_name(std::string_view name) {
  const bool is_quoted = name.size() > 1 && name.front() == '"';
  return runner::lower(is_quoted ? name.substr(1, name.size() - 2) : name);
}

/// What a script creates, with its schemas, by words alone: a dump need not be one that our parser
/// reads.
std::set<std::string> names_after_create(std::string_view sql) {
  std::set<std::string> names;
  runner::Lexer lexer(sql);
  std::size_t since_create = words_to_name_max;
  while (const auto token = lexer.next()) {
    using Kind = runner::Token::Kind;
    if (token->kind == Kind::comment) continue;
    const bool is_name = token->kind == Kind::word || token->kind == Kind::quoted;
    const std::string word = is_name ? folded_name(token->text) : std::string();
    if (word == "create") {
      since_create = 0;
      continue;
    }
    const bool ends = token->kind == Kind::semicolon || token->text == "(" || word == "on";
    if (ends) since_create = words_to_name_max;
    if (since_create >= words_to_name_max) continue;
    ++since_create;
    if (is_name) names.insert(word);
  }
  return names;
}

bool is_named_as_a_base(const fs::path& file) {
  const std::string name = runner::lower(file.stem().string());
  constexpr std::array<std::string_view, 7> words = {"schema", "structure", "init", "base",
                                                     "dump",   "ddl",       "setup"};
  return std::ranges::any_of(
      words, [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::size_t steps_between(const fs::path& file, const fs::path& folder) {
  const fs::path way = fs::relative(file, folder);
  return static_cast<std::size_t>(std::distance(way.begin(), way.end()));
}

std::vector<fs::path> sql_files(const fs::path& root, int levels_max, const fs::path& without) {
  std::vector<fs::path> files;
  std::error_code error;
  std::size_t seen = 0;
  fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator() && seen < entries_max;
       at.increment(error), ++seen) {
    const fs::path& path = at->path();
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (path == without || is_passed_over(path.filename().string()) || at.depth() >= levels_max)
        at.disable_recursion_pending();
      continue;
    }
    if (path.extension() == ".sql" && at->is_regular_file(ignored) &&
        at->file_size(ignored) <= bytes_max)
      files.push_back(path);
  }
  return files;
}

}  // namespace

BaseFile base_file_near(const fs::path& migrations, const std::string& object,
                        const std::set<std::string>& made_by_folder) {
  std::error_code error;
  const fs::path folder = fs::canonical(migrations, error);
  if (error || object.empty()) return {};
  const auto repository = repository_of(folder);
  constexpr int any_level = 64;
  const std::vector<fs::path> files =
      repository ? sql_files(*repository, any_level, folder)
                 : sql_files(folder.parent_path(), levels_down_without_repository, folder);
  using Rank = std::tuple<bool, bool, std::size_t, fs::path>;
  std::optional<Rank> best;
  for (const fs::path& file : files) {
    const std::string sql = core::read_file_if_any(file);
    if (is_below(file, folder) || !runner::mentions(runner::lower(sql), object)) continue;
    const std::set<std::string> names = names_after_create(sql);
    if (!names.contains(object)) continue;
    const bool is_a_result = std::ranges::any_of(names, [&](const std::string& name) {
      return name != object && made_by_folder.contains(name);
    });
    Rank rank{is_a_result, !is_named_as_a_base(file), steps_between(file, folder), file};
    if (!best || rank < *best) best = std::move(rank);
  }
  if (!best) return {};
  return {.file = fs::proximate(std::get<fs::path>(*best), error).string(),
          .is_a_result = std::get<0>(*best)};
}

}  // namespace gauntlet::verify
