#include "harness/truth/framing.h"

#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::truth {

namespace {

/// A statement of a file, by position.
struct Part {
  std::size_t file = 0, statement = 0;
};

/// One connection while its statements are read in order.
struct Connection {
  bool in_transaction = false;
  std::size_t transaction = 0;  ///< counts the BEGINs of all connections
};

class Reading {
 public:
  explicit Reading(const std::vector<File>& files) : files_(files) {
    sent_.was_watched = true;
    sent_.files.resize(files.size());
    for (std::size_t file = 0; file < files.size(); ++file) {
      texts_.emplace_back();
      for (const std::string_view statement : statements_of(files[file].sql)) {
        const StatementKind kind = kind_of(statement);
        const bool controls = kind == StatementKind::begin || kind == StatementKind::end;
        if (controls) controls_.insert(file);
        const std::string text = sql::tokens_of_statement(statement);
        if (!controls) wanted_[text].push_back({file, texts_[file].size()});
        texts_[file].push_back(text);
      }
      sent_.files[file].statements = texts_[file].size();
      was_sent_.emplace_back(texts_[file].size(), false);
      for (std::size_t at = 0; at < texts_[file].size(); ++at) {
        const StatementKind kind = kind_of(texts_[file][at]);
        // A COMMIT of the runner's cannot be told from one of the file's.
        was_sent_[file][at] = kind == StatementKind::begin || kind == StatementKind::end;
      }
    }
  }

  void take(const core::StepRecord& record);
  Sent finish();
  /// The connection that sent the first statement of a file; nullopt if none did.
  std::optional<std::size_t> first_session() const { return first_session_; }

 private:
  void take_statement(std::string_view sql, const core::StepRecord& record);
  void take_part(const Part& part, const core::StepRecord& record);
  bool misses_any(std::size_t file) const;
  void split_into_transactions(std::size_t file, const Connection& connection);
  void take_own(std::string_view sql, StatementKind kind, const core::StepRecord& record);
  void find_difference();
  bool any_file_seen() const { return last_file_.has_value(); }

  const std::vector<File>& files_;
  Sent sent_;
  std::vector<std::vector<std::string>> texts_;  ///< by file and statement
  std::vector<std::vector<bool>> was_sent_;
  std::map<std::string, std::deque<Part>> wanted_;
  std::set<std::size_t> controls_;  ///< files that say BEGIN or COMMIT themselves
  std::map<std::size_t, Connection> connections_;
  std::size_t transactions_ = 0;
  std::optional<std::size_t> last_file_, last_session_, last_transaction_;
  std::optional<std::size_t> first_session_;
  std::size_t files_seen_ = 0;
  std::map<std::size_t, std::size_t> transactions_of_;  ///< by file: that of its first statement
  std::vector<std::size_t> framed_now_;   ///< files whose first statement is in this message
  std::vector<OwnStatement> since_file_;  ///< settings since the last statement of a file
};

void Reading::take(const core::StepRecord& record) {
  const bool ran = (record.step.kind == core::Step::Kind::message ||
                    record.step.kind == core::Step::Kind::query) &&
                   record.reply && record.step.session.replica == 0;
  if (!ran) return;
  const std::vector<std::string_view> statements = statements_of(record.step.sql);
  framed_now_.clear();
  for (const std::string_view sql : statements) take_statement(sql, record);
  for (const std::size_t file : framed_now_)
    sent_.files[file].framing->by_statement = misses_any(file);
  Connection& connection = connections_[record.step.session.number];
  const bool was_open = connection.in_transaction;
  connection.in_transaction = record.reply->in_transaction;
  if (connection.in_transaction && !was_open) connection.transaction = ++transactions_;
}

/// Was a statement of the file not sent yet? After the file's first message: that was one of
/// several.
bool Reading::misses_any(std::size_t file) const {
  return std::ranges::find(was_sent_[file], false) != was_sent_[file].end();
}

void Reading::take_statement(std::string_view sql, const core::StepRecord& record) {
  const std::string text = sql::tokens_of_statement(sql);
  const auto found = wanted_.find(text);
  if (found != wanted_.end() && !found->second.empty()) {
    const Part part = found->second.front();
    found->second.pop_front();
    return take_part(part, record);
  }
  const StatementKind kind = kind_of(sql);
  Connection& connection = connections_[record.step.session.number];
  if (kind == StatementKind::begin && !connection.in_transaction) {
    connection.in_transaction = true;
    connection.transaction = ++transactions_;
  } else if (kind == StatementKind::end) {
    connection.in_transaction = false;
  } else if (found == wanted_.end()) {
    take_own(sql, kind, record);
  }
}

void Reading::take_part(const Part& part, const core::StepRecord& record) {
  const Connection& connection = connections_[record.step.session.number];
  SeenFile& seen = sent_.files[part.file];
  was_sent_[part.file][part.statement] = true;
  if (record.reply->ending == core::Reply::Ending::refused && !seen.refused)
    seen.refused = record.reply->sqlstate;
  if (!seen.framing) {
    Framing framing{.transaction = Framing::Transaction::none,
                    .new_session = last_session_ && *last_session_ != record.step.session.number};
    if (connection.in_transaction && !controls_.contains(part.file)) {
      const bool is_same = last_transaction_ == connection.transaction;
      framing.transaction = is_same ? Framing::Transaction::shared : Framing::Transaction::own;
    }
    seen.framing = framing;
    if (connection.in_transaction) transactions_of_[part.file] = connection.transaction;
    framed_now_.push_back(part.file);
    if (++files_seen_ == 2) sent_.between_files = since_file_;
  }
  split_into_transactions(part.file, connection);
  if (!first_session_) first_session_ = record.step.session.number;
  last_file_ = part.file;
  last_session_ = record.step.session.number;
  last_transaction_ =
      connection.in_transaction ? std::optional(connection.transaction) : std::nullopt;
  since_file_.clear();
}

/// Statements of one file in transactions of their own: no BEGIN stands before the whole of it.
void Reading::split_into_transactions(std::size_t file, const Connection& connection) {
  const auto first = transactions_of_.find(file);
  if (first == transactions_of_.end() || controls_.contains(file)) return;
  if (connection.in_transaction && connection.transaction == first->second) return;
  sent_.files[file].framing->transaction = Framing::Transaction::none;
}

void Reading::take_own(std::string_view sql, StatementKind kind, const core::StepRecord& record) {
  if (record.reply->ending == core::Reply::Ending::refused) return;
  OwnStatement statement{.sql = std::string(sql),
                         .parameters = record.step.parameters,
                         .session = record.step.session.number};
  if (kind == StatementKind::twisting) sent_.twisting.push_back(shortened(sql));
  const bool sets = kind == StatementKind::setting || kind == StatementKind::groundwork;
  const bool creates =
      kind == StatementKind::write && sql::tokens_of_statement(sql).starts_with("CREATE");
  if ((sets || creates) && !any_file_seen()) {
    const bool inside = connections_[record.step.session.number].in_transaction;
    const bool is_local = inside && kind == StatementKind::setting;
    (is_local ? sent_.transaction_setup : sent_.session_setup).push_back(statement);
  } else if (kind == StatementKind::setting && last_session_ == record.step.session.number) {
    since_file_.push_back(statement);
  }
  if (kind == StatementKind::write) sent_.own.push_back(std::move(statement));
}

/// A statement of a file that was not sent, and one of the runner's that writes to the same object
/// in the same way: the runner sends something else than what is written.
void Reading::find_difference() {
  const auto first_word = [](std::string_view text) { return text.substr(0, text.find(' ')); };
  for (std::size_t file = 0; file < files_.size(); ++file) {
    for (const std::size_t unsent : sent_.files[file].unsent) {
      const std::string& text = texts_[file][unsent];
      const std::string target = target_of(text);
      if (target.empty()) continue;
      const auto other = std::ranges::find_if(sent_.own, [&](const OwnStatement& own) {
        const std::string own_text = sql::tokens_of_statement(own.sql);
        return target_of(own_text) == target && kind_of(text) == StatementKind::write &&
               std::ranges::equal(first_word(own_text), first_word(text),
                                  [](char a, char b) { return (a | 0x20) == (b | 0x20); });
      });
      if (other == sent_.own.end()) continue;
      sent_.not_as_written =
          fmt::format("{} says \"{}\", the runner sent \"{}\"", files_[file].name,
                      from_difference(text, sql::tokens_of_statement(other->sql)),
                      from_difference(sql::tokens_of_statement(other->sql), text));
      return;
    }
  }
}

Sent Reading::finish() {
  for (std::size_t file = 0; file < files_.size(); ++file) {
    for (std::size_t at = 0; at < was_sent_[file].size(); ++at)
      if (!was_sent_[file][at]) sent_.files[file].unsent.push_back(at);
  }
  find_difference();
  sent_.session = first_session_.value_or(0);
  std::erase_if(sent_.transaction_setup,
                [&](const OwnStatement& own) { return own.session != sent_.session; });
  return std::move(sent_);
}

/// `search_path=app` of a line `name=value`; nothing for what only names or bounds the session.
void add_startup(const core::Event& event, Sent& sent) {
  for (std::string_view text = event.text; !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::pair<std::string, std::string> setting(line.substr(0, equals),
                                                      line.substr(equals + 1));
    if (setting.first == "user") {
      if (sent.user.empty()) sent.user = setting.second;
    } else if (is_twisting(line)) {
      sent.twisting.emplace_back(line);
    } else if (std::ranges::find(sent.startup, setting) == sent.startup.end()) {
      sent.startup.push_back(setting);
    }
  }
}

}  // namespace

Sent read_sent(const core::History& history, const std::vector<File>& files) {
  Reading reading(files);
  for (const core::StepRecord& record : history.steps) reading.take(record);
  Sent sent = reading.finish();
  const std::optional<std::size_t> session = reading.first_session();
  for (const core::Event& event : history.events) {
    const bool is_asked = event.kind == core::Event::Kind::opened && event.replica == 0 &&
                          (!session || event.session == *session);
    if (is_asked) add_startup(event, sent);
  }
  return sent;
}

Sent not_watched(const std::vector<File>& files) {
  Sent sent;
  sent.files.resize(files.size());
  return sent;
}

std::set<std::string> tables_made_beside(const Sent& sent, std::string_view file_texts) {
  std::set<std::string> tables;
  for (const OwnStatement& own : sent.own) {
    const std::string text = sql::tokens_of_statement(own.sql);
    std::string target = target_of(text);
    if (text.starts_with("CREATE") && !mentions(file_texts, target))
      tables.insert(std::move(target));
  }
  return tables;
}

std::string unsent_text(const Sent& sent, const std::vector<File>& files) {
  if (!sent.was_watched) return {};
  std::string text;
  std::size_t told = 0;
  for (std::size_t file = 0; file < files.size(); ++file) {
    if (sent.files[file].unsent.empty()) continue;
    if (++told > 3) return text + "; and others";
    const std::size_t first = sent.files[file].unsent.front();
    text += fmt::format("{}statement {} of {} of {} was not sent: {}", text.empty() ? "" : "; ",
                        first + 1, sent.files[file].statements, files[file].name,
                        shortened(statements_of(files[file].sql).at(first)));
  }
  return text;
}

}  // namespace gauntlet::truth
