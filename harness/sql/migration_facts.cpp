#include "harness/sql/migration_facts.h"

#include "harness/sql/effects.h"
#include "harness/sql/names.h"
#include "runner/sql/statement_postgres.h"
#include "runner/sql/text_encoding.h"

#include <algorithm>
#include <string_view>

namespace gauntlet::sql {
namespace {

constexpr std::size_t words_bytes_max = 60;

/// The statement's beginning on one line.
std::string words_of(std::string_view sql) {
  std::string words;
  bool blank = false;
  for (const char c : sql.substr(0, 4 * words_bytes_max)) {
    if (std::string_view(" \t\r\n\f\v").find(c) != std::string_view::npos) {
      blank = true;
      continue;
    }
    if (blank) words += ' ';
    blank = false;
    words += c;
  }
  const bool cut = words.size() > words_bytes_max || sql.size() > 4 * words_bytes_max;
  std::size_t end = std::min(words.size(), words_bytes_max);
  if (cut)  // not inside a character
    while (end > 0 && end < words.size() &&
           (static_cast<unsigned char>(words[end]) & 0xC0U) == 0x80U)
      --end;
  return runner::printable(words.substr(0, end)) + (cut ? " …" : "");
}

void add_new(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const auto& words : more)
    if (std::find(all.begin(), all.end(), words) == all.end()) all.push_back(words);
}

/// Counts lines once through the whole file, however many statements it has.
class PlaceCounter {
 public:
  explicit PlaceCounter(std::string_view sql) : sql_(sql) {}

  runner::Place at(std::size_t offset) {
    place_ = runner::place_after(place_, sql_.substr(passed_, offset - passed_));
    passed_ = offset;
    return place_;
  }

 private:
  std::string_view sql_;
  std::size_t passed_ = 0;
  runner::Place place_;
};

StatementFacts facts_of_statement(const runner::Statement& statement, runner::Place place,
                                  MigrationFacts& facts) {
  StatementFacts result;
  result.offset = statement.offset;
  result.place = place;
  result.words = words_of(statement.sql);
  result.needs = runner::needs_of(statement.sql);
  if (!speaks_of_the_world(statement.sql)) return result;
  const auto tree = StatementTree::parse(statement.sql);
  const Effects effects = tree ? effects_of(*tree) : guessed_effects(statement.sql);
  result.cluster_wide = effects.cluster_wide;
  result.survives_rollback = effects.survives_rollback;
  result.irrevocable = effects.irrevocable;
  if (tree) collect_names(*tree, facts);
  return result;
}

}  // namespace

MigrationFacts facts_of(const runner::Script& script) {
  const std::string_view sql = script.sql();
  const runner::Split split = runner::split(sql);
  MigrationFacts facts;
  facts.split_by = split.by;
  facts.directives = runner::directives_of(sql);
  PlaceCounter places(sql);
  for (const auto& statement : split.statements) {
    facts.statements.push_back(facts_of_statement(statement, places.at(statement.offset), facts));
    add_new(facts.cluster_wide, facts.statements.back().cluster_wide);
    add_new(facts.survives_rollback, facts.statements.back().survives_rollback);
    add_new(facts.irrevocable, facts.statements.back().irrevocable);
  }
  PlaceCounter lines(sql);
  for (const auto offset : split.psql_commands) facts.psql_commands.push_back(lines.at(offset));
  return facts;
}

}  // namespace gauntlet::sql
