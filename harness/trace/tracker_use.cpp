#include "harness/trace/tracker_use.h"

#include "harness/formats/tracker.h"
#include "harness/sql/which_file.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::trace {
namespace {

std::string tool_of(const std::string& table) { return formats::tools_of_table(sql::bare(table)); }

bool is_catalogue(const std::string& table) {
  return table.starts_with("pg_") || table.starts_with("information_schema");
}
bool is_about_locks(const std::string& table) { return table.find("lock") != std::string::npos; }

/// The digits without leading zeros, so that `003` is `3`.
std::string number_of(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view number = text.substr(0, digits);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return std::string(number);
}

/// What was seen of one table.
struct Candidate {
  std::size_t reads_before = 0, writes = 0, definitions = 0;
  std::set<std::size_t> recorded;  ///< sources named in a write
};

class Candidates {
 public:
  Candidates(const std::vector<ReadStep>& steps, const std::vector<Source>& sources)
      : sources_(sources) {
    bool started = false;
    for (const ReadStep& step : steps) {
      for (std::size_t i = 0; i < step.statements.size(); ++i) {
        if (step.bodies[i])
          started = true;
        else
          look_at(step.statements[i], step.record->step, started);
      }
    }
    for (const ReadStep& step : steps)
      for (const auto& body : step.bodies)
        if (body) ran_.insert(*body);
  }

  TracedTracker best() const {
    TracedTracker best;
    std::size_t best_score = 0;
    for (const auto& [table, seen] : all_) {
      const std::size_t score = score_of(table, seen);
      if (score <= best_score) continue;
      best_score = score;
      best = told(table, seen);
    }
    return best;
  }

 private:
  void look_at(const Statement& statement, const core::Step& step, bool started) {
    for (const auto& table : statement.reads)
      if (!is_catalogue(table) && !started) ++all_[table].reads_before;
    for (const auto& table : statement.defines) ++all_[table].definitions;
    if (statement.verb == Statement::Verb::lock) return;
    for (const auto& table : statement.writes) {
      Candidate& seen = all_[table];
      ++seen.writes;
      for (const std::size_t source : named_in(statement, step, sources_))
        seen.recorded.insert(source);
    }
  }

  bool records_all(const Candidate& seen) const {
    return !ran_.empty() &&
           std::includes(seen.recorded.begin(), seen.recorded.end(), ran_.begin(), ran_.end());
  }

  std::size_t score_of(const std::string& table, const Candidate& seen) const {
    std::size_t score = seen.recorded.size() * 4 + (seen.reads_before > 0 ? 2 : 0);
    if (seen.writes > 0) score += 1;
    if (!tool_of(table).empty()) score += 1'000;
    if (records_all(seen)) score += 1'000;
    // Bodies may be there that were not recognised: what is never read is none of its books.
    if (is_about_locks(table)) score /= 1'000;
    return seen.reads_before + seen.definitions == 0 ? 0 : score;
  }

  TracedTracker told(const std::string& table, const Candidate& seen) const {
    TracedTracker tracker{.table = table, .tool = tool_of(table)};
    if (records_all(seen) && seen.reads_before > 0) {
      tracker.sureness = Sureness::certain;
      tracker.why = fmt::format(
          "it was read before the first migration ran, and each of the {} "
          "that ran was written to it",
          ran_.size());
    } else if (!tracker.tool.empty()) {
      tracker.sureness = Sureness::likely;
      tracker.why = fmt::format("{} calls its tracker so", tracker.tool);
    } else if (seen.reads_before > 0 && seen.writes > 0) {
      tracker.sureness = Sureness::likely;
      tracker.why =
          "it was read before the first migration ran and written to, by statements that "
          "are in no file";
    } else {
      tracker.why = "it is the table that statements of no file are most about";
    }
    return tracker;
  }

  const std::vector<Source>& sources_;
  std::map<std::string, Candidate> all_;
  std::set<std::size_t> ran_;
};

}  // namespace

std::vector<ReadStep> read_steps(const core::History& history, const std::vector<Source>& sources) {
  std::vector<sql::Body> files;
  files.reserve(sources.size());
  for (const Source& source : sources)
    files.push_back({.name = source.name, .sql = source.text, .code = source.code});
  const auto origins = sql::origins_of(history, sql::Bodies(files));
  std::vector<ReadStep> steps;
  for (std::size_t number = 0; number < history.steps.size(); ++number) {
    const core::StepRecord& record = history.steps[number];
    ReadStep step{.record = &record, .statements = sql::statements_of(record.step.sql)};
    step.bodies.resize(step.statements.size());
    const bool runs = record.step.kind != core::Step::Kind::prepare;
    for (std::size_t i = 0; runs && i < step.bodies.size(); ++i)
      if (const auto& origin = origins[number][i]) step.bodies[i] = origin->file;
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<std::size_t> named_in(const Statement& statement, const core::Step& step,
                                  const std::vector<Source>& sources) {
  std::vector<std::string_view> values;
  for (const auto& parameter : step.parameters)
    if (parameter) values.emplace_back(*parameter);
  runner::Lexer lexer(statement.text);
  while (const auto token = lexer.next()) {
    const std::string_view value = token->text;
    if (token->kind == runner::Token::Kind::text && value.size() > 2)
      values.push_back(value.substr(1, value.size() - 2));
    else if (token->kind == runner::Token::Kind::number)
      values.push_back(value);
  }
  std::set<std::string> numbers;
  for (const std::string_view value : values) numbers.insert(number_of(value));
  std::vector<std::size_t> named;
  for (std::size_t at = 0; at < sources.size(); ++at) {
    const Source& source = sources[at];
    const bool by_version = !source.version.empty() && numbers.contains(source.version);
    if (by_version || std::any_of(values.begin(), values.end(), [&](std::string_view value) {
          return value.find(source.name) != std::string_view::npos;
        }))
      named.push_back(at);
  }
  return named;
}

TracedTracker tracker_of(const std::vector<ReadStep>& steps, const std::vector<Source>& sources) {
  return Candidates(steps, sources).best();
}

}  // namespace gauntlet::trace
