#include "harness/crash/points.h"

#include "harness/sql/statement.h"
#include "harness/sql/text.h"
#include "harness/sql/tokens.h"
#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::crash {

namespace {

using trace::Role;
using Origins = std::vector<std::optional<sql::Origin>>;

bool is_literal(const runner::Token& token) {
  return token.kind == runner::Token::Kind::number || token.kind == runner::Token::Kind::text;
}

/// The name of a table that a runner makes to try something: drawn anew in each run.
bool is_of_one_run(const runner::Token& token) {
  using Kind = runner::Token::Kind;
  if (token.kind != Kind::word && token.kind != Kind::quoted) return false;
  constexpr std::string_view marks[] = {"tmp_", "temp_"};
  const std::string name = sql::lower(token.text);
  return std::ranges::any_of(
      marks, [&](std::string_view mark) { return name.find(mark) != std::string::npos; });
}

std::string without_literals(std::string_view sql) {
  std::string text;
  for (const runner::Token& token : sql::tokens_of(sql)) {
    if (token.kind == runner::Token::Kind::semicolon) continue;
    if (!text.empty()) text += ' ';
    text += is_literal(token) || is_of_one_run(token) ? "?" : std::string(token.text);
  }
  return text;
}

/// `INSERT INTO`, `CREATE TABLE`: a statement's first two words.
std::string verb_of(std::string_view statement) {
  std::string verb;
  for (const runner::Token& token : sql::tokens_of(statement, 2)) {
    if (!verb.empty()) verb += ' ';
    verb += sql::lower(token.text);
  }
  return verb;
}

std::string shape_of(const truth::File& file, bool outside) {
  std::vector<std::string> verbs;
  for (const std::string_view statement : truth::statements_of(file.sql))
    verbs.push_back(verb_of(statement));
  return fmt::format("{}({})", outside ? "outside" : "inside", fmt::join(verbs, "; "));
}

std::string version_of(const truth::File& file) {
  return file.version != 0 ? fmt::format("{}", file.version) : file.name;
}

/// `set-lock-timeout` of a statement's first words.
std::string slug_of(const std::string& text) {
  std::string slug;
  for (const char c : sql::lower(text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() >= 24) break;
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "statement" : slug;
}

class Naming {
 public:
  Naming(const core::History& history, const trace::TracedRun& run,
         const std::vector<truth::File>& files)
      : history_(history), run_(run), files_(files) {
    std::vector<sql::Body> bodies;
    bodies.reserve(files.size());
    for (const truth::File& file : files) bodies.push_back({.name = file.name, .sql = file.sql});
    origins_ = sql::origins_of(history, sql::Bodies(bodies));
    find_files();
    find_framing();
  }

  std::vector<Point> points(Which which) {
    std::vector<Point> points;
    std::map<std::string, std::size_t> kinds, said;
    for (std::size_t step = 0; step < run_.steps.size(); ++step) {
      const core::Step& asked = history_.steps[step].step;
      if (asked.session.replica != 0 || asked.kind == core::Step::Kind::prepare) continue;
      Point point = named(step);
      point.target = {.says = says_of(asked), .occurrence = said[says_of(asked)]++};
      number(point);
      const auto [same, is_new] = kinds.try_emplace(kind_of(step), points.size());
      if (!is_new && which == Which::equal_once) {
        points[same->second].same.push_back(point.label);
        continue;
      }
      points.push_back(std::move(point));
    }
    return points;
  }

 private:
  /// The second BEGIN of no file is `begin-nr2`: `begin-2` is that of version 2.
  void number(Point& point) {
    const std::size_t number = ++ids_[point.id];
    if (number == 1) return;
    point.id += fmt::format("-{}{}", point.is_of_file ? "" : "nr", number);
    point.label += fmt::format(" ({})", number);
  }

  /// The file of each step: of its bodies and records, then of the transaction around those, then
  /// the one that comes next.
  void find_files() {
    own_.resize(run_.steps.size());
    for (std::size_t step = 0; step < run_.steps.size(); ++step) {
      own_[step] = file_named_in(step);
      if (own_[step]) last_body_ = own_[step];
    }
    of_ = own_;
    std::map<std::size_t, std::vector<std::size_t>> open;  // session -> steps since its BEGIN
    for (std::size_t step = 0; step < run_.steps.size(); ++step) {
      auto& since = open[run_.steps[step].session];
      since.push_back(step);
      if (run_.steps[step].leaves_open) continue;
      std::optional<std::size_t> file, first;
      for (const std::size_t each : since)
        if (own_[each]) file = own_[each];
      for (const std::size_t each : since)
        if (own_[each] && !first) first = own_[each];
      for (const std::size_t each : since)
        if (first && *first != *file) from_[each] = *first;
      for (const std::size_t each : since)
        if (!of_[each]) of_[each] = file;
      since.clear();
    }
    next_ = of_;
    for (std::size_t step = next_.size(); step-- > 1;)
      if (!next_[step - 1]) next_[step - 1] = next_[step];
  }

  std::optional<std::size_t> file_named_in(std::size_t step) const {
    for (const auto& statement : run_.steps[step].statements)
      if (statement.role == Role::body && statement.migration) return statement.migration;
    for (const auto& origin : origins_[step])
      if (origin) return origin->file;
    return recorded_in(step);
  }

  /// The file that a statement on the tracker names: by a name that begins with its version, or
  /// else by the number alone, which may be something else's; of several the next in order.
  std::optional<std::size_t> recorded_in(std::size_t step) const {
    for (const bool by_name : {true, false}) {
      std::vector<std::size_t> named;
      for (const auto& statement : run_.steps[step].statements) {
        if (statement.role != Role::record) continue;
        for (std::size_t file = 0; file < files_.size(); ++file)
          if (names(statement.text, history_.steps[step].step, files_[file], by_name))
            named.push_back(file);
      }
      if (named.empty()) continue;
      const auto next = std::ranges::find_if(
          named, [&](std::size_t file) { return file >= last_body_.value_or(0); });
      return next == named.end() ? named.front() : *next;
    }
    return std::nullopt;
  }

  static bool names(std::string_view statement, const core::Step& step, const truth::File& file,
                    bool by_name) {
    const auto is_it = [&](std::string text) {
      std::erase(text, '\'');
      const std::size_t digits = text.find_first_not_of("0123456789");
      const std::string number = text.substr(0, digits);
      if (number.empty() || number.size() > 18 || std::stoll(number) != file.version) return false;
      if (digits == std::string::npos) return !by_name;
      return by_name && std::string_view("_-.").find(text[digits]) != std::string_view::npos;
    };
    for (const auto& parameter : step.parameters)
      if (parameter && is_it(*parameter)) return true;
    const auto tokens = sql::tokens_of(statement);
    return std::ranges::any_of(tokens, [&](const runner::Token& token) {
      return is_literal(token) && is_it(std::string(token.text));
    });
  }

  /// A file is outside a transaction if a statement of it was alone in one.
  void find_framing() {
    const truth::Sent sent = truth::read_sent(history_, files_);
    for (std::size_t file = 0; file < files_.size(); ++file) {
      const bool was_seen = file < sent.files.size() && sent.files[file].framing.has_value();
      if (!was_seen && !files_[file].in_transaction) outside_.insert(file);
      if (was_seen && sent.files[file].framing->transaction == truth::Framing::Transaction::none &&
          !files_[file].in_transaction)
        outside_.insert(file);
    }
  }

  Point named(std::size_t step) const {
    Point point{.file = next_[step],
                .is_of_file = of_[step].has_value(),
                .outside_transaction = next_[step] && outside_.contains(*next_[step])};
    for (const auto& statement : run_.steps[step].statements)
      point.statements.push_back(statement.text);
    name_by_role(step, point);
    return point;
  }

  void name_by_role(std::size_t step, Point& point) const {
    const trace::TracedStep& traced = run_.steps[step];
    const std::string of = of_[step] ? version_of(files_[*of_[step]]) : std::string();
    const auto say = [&](std::string_view id, std::string_view words) {
      point.id = of.empty() ? std::string(id) : fmt::format("{}-{}", id, of);
      point.label = of.empty() ? std::string(words) : fmt::format("{} of version {}", words, of);
      if (const auto from = from_.find(step); from != from_.end() && !own_[step])
        point.label =
            fmt::format("{} of versions {} to {}", words, version_of(files_[from->second]), of);
      if (of.empty()) add_context(step, point);
    };
    if (own_[step] && has_body(step)) return name_body(step, point);
    if (traced.has(Role::record) && own_[step]) return say("record", "the record");
    if (traced.has(Role::commit) && traced.statements.size() == 1)
      return say("commit", "the COMMIT");
    if (traced.has(Role::begin) && traced.statements.size() == 1) return say("begin", "the BEGIN");
    if (traced.has(Role::rollback)) return say("rollback", "the ROLLBACK");
    if (traced.has(Role::bootstrap)) return say("bootstrap", "creating the tracker");
    if (traced.has(Role::record)) return say("write-tracker", "writing the tracker");
    for (const sql::Statement& statement : sql::statements_of(history_.steps[step].step.sql))
      if (!statement.writes.empty() && statement.verb != sql::Statement::Verb::lock)
        return say("write-" + slug_of(sql::bare(statement.writes.front())),
                   "writing " + sql::bare(statement.writes.front()));
    if (traced.has(Role::lock)) return say("lock", "taking the lock");
    if (traced.has(Role::unlock)) return say("unlock", "giving the lock back");
    if (traced.has(Role::look)) return say("look", "reading the tracker");
    for (const sql::Statement& statement : sql::statements_of(history_.steps[step].step.sql))
      if (!statement.reads.empty())
        return say("read-" + slug_of(sql::bare(statement.reads.front())),
                   "reading " + sql::bare(statement.reads.front()));
    std::string text = traced.statements.empty() ? "" : traced.statements.front().text;
    if (std::ranges::any_of(sql::tokens_of(text), is_of_one_run)) text = without_literals(text);
    say(slug_of(text), sql::one_line(text.substr(0, 40)));
  }

  /// Between two migrations: which comes next.
  void add_context(std::size_t step, Point& point) const {
    const auto first = std::ranges::find_if(own_, [](const auto& file) { return !!file; });
    if (static_cast<std::ptrdiff_t>(step) < first - own_.begin()) return;
    if (!next_[step]) {
      point.id += "-at-the-end";
      point.label += " at the end";
      return;
    }
    const std::string version = version_of(files_[*next_[step]]);
    point.id += "-before-" + version;
    point.label += " before version " + version;
  }

  bool has_body(std::size_t step) const {
    return run_.steps[step].has(Role::body) ||
           std::ranges::any_of(origins_[step], [](const auto& origin) { return !!origin; });
  }

  void name_body(std::size_t step, Point& point) const {
    const trace::TracedStep& traced = run_.steps[step];
    const truth::File& file = files_[*own_[step]];
    const std::string version = version_of(file);
    std::vector<std::size_t> numbers;
    std::size_t all = 0;
    for (const auto& origin : origins_[step]) {
      if (!origin || origin->file != *own_[step]) continue;
      numbers.push_back(origin->statement + 1);
      all = origin->statements;
    }
    const bool whole = numbers.empty() || numbers.size() == all;
    if (whole && traced.has(Role::commit) && traced.has(Role::record)) {
      point.id = fmt::format("whole-{}", version);
      point.label = fmt::format("all of version {} in one message", version);
      return;
    }
    if (whole) {
      point.id = fmt::format("body-{}", version);
      point.label = all > 1 ? fmt::format("all {} statements of {}", all, file.name)
                            : fmt::format("the statement of {}", file.name);
    } else {
      point.id = fmt::format("statement-{}-of-{}", numbers.front(), version);
      point.label = fmt::format("statement {} of {}", fmt::join(numbers, ", "), file.name);
    }
    if (traced.has(Role::record)) point.label += ", with its record";
  }

  /// What two equal points share: what they say, literals and bodies aside, and their file's shape.
  std::string kind_of(std::size_t step) {
    const core::Step& asked = history_.steps[step].step;
    const auto& context = next_[step];
    if (!context) return fmt::format("{} of no file", step);
    std::string kind = shape_of(files_[*context], outside_.contains(*context)) + ": ";
    if (!of_[step]) kind += "before ";
    const auto statements = truth::statements_of(asked.sql);
    // A tool describes each column of its tables: one such description is as another.
    const bool only_comments = !of_[step] && !statements.empty() && run_.steps[step].leaves_open &&
                               std::ranges::all_of(statements, [](std::string_view statement) {
                                 return sql::starts_with_word(statement, "COMMENT");
                               });
    if (only_comments) return kind + "a comment";
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const bool is_body = i < origins_[step].size() && origins_[step][i];
      kind += is_body ? fmt::format("[body {}]", origins_[step][i]->statement)
                      : without_literals(statements[i]);
      kind += ';';
    }
    // Two looks before one migration are two points; each has its like before the next migration.
    return kind + fmt::format(" {}", in_context_[{*context, kind}]++);
  }

  const core::History& history_;
  const trace::TracedRun& run_;
  const std::vector<truth::File>& files_;
  std::vector<Origins> origins_;
  /// By step: the file that its statements are of; the one that its transaction is of, too; the one
  /// that comes next where it is of none.
  std::vector<std::optional<std::size_t>> own_, of_, next_;
  std::optional<std::size_t> last_body_ = {};
  std::map<std::size_t, std::size_t> from_ =
      {};  ///< step -> first file, where a transaction has several
  std::set<std::size_t> outside_;
  std::map<std::string, std::size_t> ids_ = {};
  std::map<std::pair<std::size_t, std::string>, std::size_t> in_context_ = {};
};

}  // namespace

std::string says_of(const core::Step& step) { return without_literals(step.sql); }

std::vector<Point> points_of(const core::History& history, const trace::TracedRun& run,
                             const std::vector<truth::File>& files, Which which) {
  return Naming(history, run, files).points(which);
}

}  // namespace gauntlet::crash
