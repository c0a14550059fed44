#include "harness/run/own_tracker.h"

#include "harness/observe/observe.h"
#include "harness/sql/hidden_table.h"
#include "harness/sql/statement.h"
#include "harness/sql/text.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

/// Also those of strings, which a function may execute.
void add_words(std::string_view sql, std::set<std::string>& words) {
  std::string word;
  for (const char c : sql::lower(sql)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.insert(word);
}

bool is_read(const core::History& run, const std::string& table) {
  return std::ranges::any_of(run.steps, [&](const core::StepRecord& record) {
    return record.step.kind != core::Step::Kind::prepare &&
           sql::with_table_hidden(record.step.sql, table).has_value();
  });
}

}  // namespace

void OwnTracker::learn(const core::History& run, const runner::Listing& listing,
                       const RecogniseTracker& recognise) {
  for (const core::StepRecord& record : run.steps) add_words(record.step.sql, words_);
  if (!read_table_.empty() || !recognise) return;
  const std::string table = recognise(run, listing);
  if (!table.empty() && is_read(run, table)) read_table_ = table;
}

bool OwnTracker::may_be(std::string_view table) const {
  return words_.empty() || words_.contains(sql::lower(sql::bare(table)));
}

void OwnTracker::drop_foreign(std::optional<core::Applied>& applied, std::string& missing) const {
  if (!applied || applied->tracker.empty() || may_be(applied->tracker)) return;
  missing = fmt::format("the runner names {}, which looks like a tracker, in no statement",
                        applied->tracker);
  applied.reset();
}

std::optional<core::Applied> applied_of(const arena::Address& database, const std::string& query,
                                        const OwnTracker& tracker, std::string& missing) {
  auto applied = observe::applied(database, query, missing);
  if (query.empty()) tracker.drop_foreign(applied, missing);
  return applied;
}

}  // namespace gauntlet::run
