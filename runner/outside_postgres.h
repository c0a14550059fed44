// PostgreSQL's rules for what runs outside a transaction. No state; belongs to the session's
// thread.
#pragma once

#include "runner/apply/outside_rules.h"

namespace gauntlet::runner {

class OutsidePostgres final : public OutsideRules {
 public:
  std::unique_ptr<Guard> guard(Session&, const Task&) const override { return nullptr; }
  std::unique_ptr<Kept> keep_connection(const Applying& applying, const Task& task) const override;
  std::vector<OwnStatement> before_transaction(const Task&) const override { return {}; }
  ObjectFound look_up(Session& session, const OutsideStatement& statement) const override;
  std::string half_done(Session& session, std::string_view sql) const override;
  std::set<InvalidIndex> invalid_indexes(Session& session) const override;
  bool committed_nothing(std::string_view sql, std::size_t completed) const override;
};

}  // namespace gauntlet::runner
