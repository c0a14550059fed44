#include "harness/sql/which_file.h"

#include "harness/sql/text.h"
#include "harness/sql/tokens.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::sql {
namespace {

/// A shorter statement, `SELECT 1`, is sent by pools, too: it counts only where its file goes on
/// with it, or consists of it.
constexpr std::size_t telling_bytes_min = 12;

using Statements = std::vector<std::string>;

Statements statements_of_text(std::string_view sql) {
  Statements statements;
  for (const auto& statement : runner::split(sql).statements)
    statements.push_back(tokens_of_statement(statement.sql));
  return statements;
}

/// BEGIN, COMMIT and their kin: a runner sends them around a body, too.
bool controls_transaction(std::string_view statement) {
  const auto tokens = tokens_of(statement);
  if (tokens.empty()) return false;
  for (const char* word : {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"})
    if (runner::is_word(tokens.front(), word)) return true;
  return false;
}

/// A place in a file.
struct Place {
  std::size_t file = 0, statement = 0;
};

class Following {
 public:
  explicit Following(const Bodies& bodies) : bodies_(bodies) {
    for (std::size_t file = 0; file < files().size(); ++file)
      for (std::size_t at = 0; at < files()[file].statements.size(); ++at)
        places_[files()[file].statements[at]].push_back({file, at});
  }

  std::vector<std::optional<Origin>> follow(const core::StepRecord& record) {
    const Statements message = statements_of_text(record.step.sql);
    std::vector<std::optional<Origin>> origins;
    Session& session = sessions_[record.step.session];
    const bool runs = record.step.kind != core::Step::Kind::prepare;
    for (std::size_t i = 0; i < message.size(); ++i) {
      origins.push_back(origin_of(session, message, i));
      if (runs && origins.back() && was_completed(record, i)) advance(session, *origins.back());
    }
    return origins;
  }

 private:
  struct Session {
    std::optional<Place> next = {};  ///< of the file that it is in
    std::optional<std::size_t> last_completed = {};
    std::set<std::size_t> completed = {};
  };

  const std::vector<Bodies::Read>& files() const { return bodies_.files(); }

  /// Without a reply all that was sent counts as done: whether it was is in doubt.
  static bool was_completed(const core::StepRecord& record, std::size_t statement) {
    return !record.reply || record.reply->ending == core::Reply::Ending::answered ||
           statement < record.reply->statements.size();
  }

  void advance(Session& session, const Origin& origin) {
    if (!origin.ends()) {
      session.next = Place{origin.file, origin.statement + 1};
      return;
    }
    session.next.reset();
    session.last_completed = origin.file;
    session.completed.insert(origin.file);
    completed_.insert(origin.file);
  }

  Origin origin(Place place) const {
    return {.file = place.file,
            .statement = place.statement,
            .statements = std::max<std::size_t>(files()[place.file].statements.size(), 1)};
  }

  std::optional<Origin> origin_of(const Session& session, const Statements& message,
                                  std::size_t at) const {
    const std::string& statement = message[at];
    if (session.next && is_at(*session.next, statement)) return origin(*session.next);
    if (controls_transaction(statement)) return std::nullopt;
    const auto found = places_.find(statement);
    if (found == places_.end()) return in_code(session, statement);
    std::vector<Place> places = found->second;
    if (statement.size() < telling_bytes_min)
      std::erase_if(places, [&](const Place& place) { return !is_whole(place, message, at); });
    return best_of(session, std::move(places), message, at);
  }

  bool is_at(const Place& place, const std::string& statement) const {
    const Statements& statements = files()[place.file].statements;
    return place.statement < statements.size() && statements[place.statement] == statement;
  }

  /// How many statements of the message, from `at` on, go on in the file from `place` on.
  std::size_t run_length(const Place& place, const Statements& message, std::size_t at) const {
    std::size_t length = 0;
    while (at + length < message.size() &&
           is_at({place.file, place.statement + length}, message[at + length]))
      ++length;
    return length;
  }

  bool is_whole(const Place& place, const Statements& message, std::size_t at) const {
    return place.statement == 0 &&
           run_length(place, message, at) == files()[place.file].statements.size();
  }

  /// Lower is better: where the session would be expected to go on.
  int distance(const Session& session, const Place& place) const {
    const bool is_done = session.completed.contains(place.file);
    const bool is_in_it = session.next && session.next->file == place.file;
    if (!is_done && place.statement == 0) return 0;
    if (!is_done && is_in_it) return 1;
    if (!is_done) return 2;
    return place.statement == 0 ? 3 : 4;
  }

  std::optional<Origin> best_of(const Session& session, std::vector<Place> places,
                                const Statements& message, std::size_t at) const {
    if (places.empty()) return std::nullopt;
    const auto rank = [&](const Place& place) {
      // More of the message in one file is a better answer than an earlier file.
      return std::pair(distance(session, place),
                       -static_cast<long>(run_length(place, message, at)));
    };
    std::stable_sort(places.begin(), places.end(),
                     [&](const Place& a, const Place& b) { return rank(a) < rank(b); });
    const auto worse = std::find_if(places.begin(), places.end(), [&](const Place& place) {
      return rank(place) != rank(places.front());
    });
    Origin best = origin(places.front());
    if (!is_expected(session, best.file))
      for (auto other = places.begin() + 1; other < worse; ++other)
        if (other->file != best.file) best.or_one_of.push_back(other->file);
    return best;
  }

  /// Does what was completed before tell that this file comes next?
  bool is_expected(const Session& session, std::size_t file) const {
    if (session.last_completed) return file == *session.last_completed + 1;
    const bool all_before =
        completed_.size() >= file && std::all_of(completed_.begin(), completed_.end(),
                                                 [&](std::size_t done) { return done < file; });
    return all_before;
  }

  std::optional<Origin> in_code(const Session& session, const std::string& statement) const {
    if (statement.size() < telling_bytes_min) return std::nullopt;
    const std::string text = without_blanks(statement);
    std::optional<std::size_t> best;
    for (std::size_t file = 0; file < files().size(); ++file) {
      if (files()[file].code.find(text) == std::string::npos) continue;
      if (!best) best = file;
      if (session.completed.contains(*best) && !session.completed.contains(file)) best = file;
    }
    if (!best) return std::nullopt;
    return Origin{.file = *best};
  }

  const Bodies& bodies_;
  std::map<std::string, std::vector<Place>> places_;
  std::map<core::SessionId, Session> sessions_;
  std::set<std::size_t> completed_;  ///< files, by any session
};

}  // namespace

std::string tokens_of_statement(std::string_view statement) {
  std::string text;
  for (const runner::Token& token : tokens_of(statement)) {
    if (token.kind == runner::Token::Kind::semicolon) continue;
    if (!text.empty()) text += ' ';
    text += token.text;
  }
  return text;
}

Bodies::Bodies(const std::vector<Body>& bodies) {
  for (const Body& body : bodies) {
    files_.push_back({.name = body.name,
                      .statements = statements_of_text(body.sql),
                      .code = without_blanks(body.code)});
  }
}

std::vector<std::vector<std::optional<Origin>>> origins_of(const core::History& history,
                                                           const Bodies& bodies) {
  Following following(bodies);
  std::vector<std::vector<std::optional<Origin>>> origins;
  origins.reserve(history.steps.size());
  for (const core::StepRecord& record : history.steps) origins.push_back(following.follow(record));
  return origins;
}

std::string label_of(const Origin& origin, const Bodies& bodies) {
  std::vector<std::string> names = {bodies.files()[origin.file].name};
  for (const std::size_t other : origin.or_one_of) names.push_back(bodies.files()[other].name);
  if (names.size() == 1) return names.front();
  return fmt::format("one of {}", fmt::join(names, ", "));
}

}  // namespace gauntlet::sql
