#include "harness/crash/commits.h"

#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gauntlet::crash {

namespace {

using core::Reply;
using FileStatement = std::pair<std::size_t, std::size_t>;  ///< file, and position in it

class Counting {
 public:
  explicit Counting(std::map<FileStatement, std::size_t>& counts) : counts_(counts) {}

  void read(const core::StepRecord& record,
            const std::vector<std::optional<sql::Origin>>& origins) {
    if (record.step.kind == core::Step::Kind::prepare) return;
    if (record.ruling.what == core::Ruling::What::lose_before) return drop(record.step.session);
    auto& open = open_[record.step.session];
    const auto statements = truth::statements_of(record.step.sql);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (!was_executed(record, i)) return drop(record.step.session);
      if (i < origins.size() && origins[i])
        open.emplace_back(origins[i]->file, origins[i]->statement);
      if (truth::kind_of(statements[i]) == truth::StatementKind::end)
        sql_ends(statements[i], record.step.session);
    }
    const bool goes_on = record.reply && record.reply->in_transaction;
    if (!goes_on) commit(record.step.session);
  }

 private:
  static bool was_executed(const core::StepRecord& record, std::size_t statement) {
    if (!record.reply) return false;
    return record.reply->ending != Reply::Ending::refused ||
           statement < record.reply->statements.size();
  }

  void sql_ends(std::string_view statement, core::SessionId session) {
    const bool undoes = statement.starts_with("ROLLBACK") || statement.starts_with("rollback") ||
                        statement.starts_with("ABORT") || statement.starts_with("abort");
    if (undoes) return drop(session);
    commit(session);
  }

  void commit(core::SessionId session) {
    for (const FileStatement& statement : open_[session]) ++counts_[statement];
    open_[session].clear();
  }
  void drop(core::SessionId session) { open_[session].clear(); }

  std::map<FileStatement, std::size_t>& counts_;
  std::map<core::SessionId, std::vector<FileStatement>> open_;
};

sql::Bodies bodies_of(const std::vector<truth::File>& files) {
  std::vector<sql::Body> bodies;
  bodies.reserve(files.size());
  for (const truth::File& file : files) bodies.push_back({.name = file.name, .sql = file.sql});
  return sql::Bodies(bodies);
}

}  // namespace

std::vector<std::size_t> times_committed(const std::vector<const core::History*>& runs,
                                         const std::vector<truth::File>& files) {
  const sql::Bodies read = bodies_of(files);
  std::map<FileStatement, std::size_t> counts;
  for (const core::History* run : runs) {
    const auto origins = sql::origins_of(*run, read);
    Counting counting(counts);
    for (std::size_t step = 0; step < run->steps.size(); ++step)
      counting.read(run->steps[step], origins[step]);
  }
  std::vector<std::size_t> times(files.size(), 0);
  for (const auto& [statement, count] : counts)
    times[statement.first] = std::max(times[statement.first], count);
  return times;
}

std::optional<std::size_t> refused_file(const core::History& run,
                                        const std::vector<truth::File>& files) {
  const auto origins = sql::origins_of(run, bodies_of(files));
  for (std::size_t step = 0; step < run.steps.size(); ++step) {
    const auto& reply = run.steps[step].reply;
    if (!reply || reply->ending != Reply::Ending::refused) continue;
    const std::size_t at = reply->statements.size();
    if (at < origins[step].size() && origins[step][at]) return origins[step][at]->file;
  }
  return std::nullopt;
}

}  // namespace gauntlet::crash
