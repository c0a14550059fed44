#include "harness/verify/file_plan.h"

#include "harness/sql/migration_facts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

constexpr std::string_view white_space = " \t\r\n\f\v";

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

bool is_word_character(char c) {
  return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  while (true) {
    const auto start = text.begin() + static_cast<std::ptrdiff_t>(from);
    const auto found = std::search(start, text.end(), word.begin(), word.end(), same_letter);
    if (found == text.end()) return std::string_view::npos;
    const auto at = static_cast<std::size_t>(found - text.begin());
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_word_character(text[at - 1]);
    if (starts && (end == text.size() || !is_word_character(text[end]))) return at;
    from = at + 1;
  }
}

/// Does `second` follow `first` with only white space between them?
bool has_words(std::string_view text, std::string_view first, std::string_view second) {
  for (std::size_t at = find_word(text, second, 0); at != std::string_view::npos;
       at = find_word(text, second, at + 1)) {
    const std::string_view before = text.substr(0, at);
    const std::size_t end = before.find_last_not_of(white_space);
    if (end == std::string_view::npos || end + 1 < first.size()) continue;
    if (find_word(before, first, end + 1 - first.size()) != std::string_view::npos) return true;
  }
  return false;
}

using Found = const sql::StatementFacts*;

Found first(const sql::MigrationFacts& facts,
            const std::function<bool(const sql::StatementFacts&)>& wanted) {
  const auto at = std::find_if(facts.statements.begin(), facts.statements.end(), wanted);
  return at == facts.statements.end() ? nullptr : &*at;
}

Found first_control(const sql::MigrationFacts& facts) {
  return first(facts, [](const auto& s) { return s.needs.transaction_control.has_value(); });
}

Found first_without_transaction(const sql::MigrationFacts& facts) {
  return first(facts, [](const auto& s) { return s.needs.no_transaction.has_value(); });
}

Obstacle obstacle(const sql::StatementFacts& statement, std::string why, std::string fix) {
  return {.why = std::move(why), .place = statement.place, .fix = std::move(fix)};
}

/// What gauntlet-migrate refuses before it sends anything of the file.
std::optional<Obstacle> refusal(const sql::MigrationFacts& facts, const formats::Format& format) {
  if (Found copy = first(facts, [](const auto& s) { return s.needs.copies_from_stdin; })) {
    return obstacle(*copy, "COPY FROM STDIN asks for data that a migration file cannot give",
                    "write the rows as INSERT statements");
  }
  if (format.own_transactions || facts.directives.no_transaction) return std::nullopt;
  if (Found control = first_control(facts); control != nullptr && format.native) {
    return obstacle(*control,
                    fmt::format("{} in a file that runs inside a transaction of the runner's",
                                *control->needs.transaction_control),
                    "take it out: each file is a transaction of its own");
  }
  if (Found alone = first_without_transaction(facts)) {
    return obstacle(*alone,
                    fmt::format("{} cannot run inside a transaction, and the file is not marked",
                                *alone->needs.no_transaction),
                    std::string(format.marker_fix));
  }
  return std::nullopt;
}

formats::Delivery delivery(const sql::MigrationFacts& facts, const formats::Format& format) {
  if (format.marker && facts.directives.no_transaction) return format.marked;
  if (!format.native && !format.own_transactions && first_control(facts) != nullptr)
    return formats::Delivery::as_one_message;
  const bool lone = facts.statements.size() == 1;
  if (format.own_transactions &&
      first(facts, [lone](const auto& s) { return s.needs.refuses_a_frame(lone); }) != nullptr) {
    return format.psql ? formats::Delivery::by_statement : formats::Delivery::as_one_message;
  }
  return formats::Delivery::in_transaction;
}

/// No splitter understood the text, so nobody can tell that no COMMIT hides in it.
bool may_hide_control(std::string_view sql, const sql::MigrationFacts& facts) {
  constexpr std::array words = {"begin", "start", "commit", "end", "rollback", "abort", "prepare"};
  return facts.split_by == runner::SplitBy::neither &&
         std::any_of(words.begin(), words.end(), [&](auto word) { return has_word(sql, word); });
}

/// `ON COMMIT DROP` and its kind show at a commit only, which one shared transaction does not have.
bool acts_on_commit(std::string_view sql) { return has_words(sql, "on", "commit"); }

std::string own_way(const std::string& name, const sql::MigrationFacts& facts) {
  if (Found alone = first_without_transaction(facts)) {
    return fmt::format("{} says {}", name, *alone->needs.no_transaction);
  }
  if (Found control = first_control(facts)) {
    return fmt::format("{} says {} itself", name, *control->needs.transaction_control);
  }
  if (!facts.directives.no_transaction) return fmt::format("{} may commit by itself", name);
  return fmt::format("{} is marked no-transaction", name);
}

std::string reason_to_rehearse(const FilePlan& plan, const sql::MigrationFacts& facts,
                               Ground ground) {
  const std::string name = label(*plan.migration);
  const std::string_view sql = plan.migration->up.sql();
  if (plan.delivery != formats::Delivery::in_transaction) return own_way(name, facts);
  if (!facts.irrevocable.empty()) {
    return fmt::format("{} uses {}, which no rollback undoes", name, facts.irrevocable.front());
  }
  if (may_hide_control(sql, facts)) return fmt::format("{} cannot be split into statements", name);
  if (acts_on_commit(sql)) return fmt::format("{} says ON COMMIT", name);
  if (ground == Ground::given && has_word(sql, "lock_timeout")) {
    return fmt::format("{} sets lock_timeout, and could stand in front of the database's users",
                       name);
  }
  return {};
}

std::optional<Obstacle> withholding(const sql::MigrationFacts& facts, Ground ground) {
  if (ground == Ground::ephemeral) return std::nullopt;
  const Found statement = first(facts, [](const auto& s) { return !s.irrevocable.empty(); });
  if (statement == nullptr) return std::nullopt;
  return obstacle(
      *statement,
      fmt::format("{} acts outside the database, where no rollback and no copy holds it",
                  statement->irrevocable.front()),
      "use `--database ephemeral`: there it is rehearsed on a throwaway server");
}

}  // namespace

FilePlan plan_file(const runner::Migration& migration, const formats::Format& format,
                   Ground ground) {
  const sql::MigrationFacts facts = sql::facts_of(migration.up);
  FilePlan plan{.migration = &migration,
                .delivery = delivery(facts, format),
                .refused = refusal(facts, format),
                .withheld = withholding(facts, ground),
                .cluster_wide = facts.cluster_wide};
  plan.rehearse_because = reason_to_rehearse(plan, facts, ground);
  return plan;
}

std::string label(const runner::Migration& migration) {
  const std::string name = migration.up.file.filename().string();
  const std::size_t end = name.find_first_not_of("0123456789");
  return end == 0 ? fmt::format("{}", migration.version.number) : name.substr(0, end);
}

bool has_word(std::string_view text, std::string_view word) {
  return find_word(text, word, 0) != std::string_view::npos;
}

}  // namespace gauntlet::verify
