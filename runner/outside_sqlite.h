// SQLite's rules for what runs outside a transaction. No state; belongs to the session's thread.
#pragma once

#include "runner/apply/outside_rules.h"

namespace gauntlet::runner {

class OutsideSqlite final : public OutsideRules {
 public:
  std::unique_ptr<Guard> guard(Session& session, const Task& task) const override;
  std::unique_ptr<Kept> keep_connection(const Applying& applying, const Task& task) const override;
  std::vector<OwnStatement> before_transaction(const Task& task) const override;
  ObjectFound look_up(Session&, const OutsideStatement&) const override { return {}; }
  std::string half_done(Session&, std::string_view) const override { return {}; }
  std::set<InvalidIndex> invalid_indexes(Session&) const override { return {}; }
  bool committed_nothing(std::string_view sql, std::size_t completed) const override;
};

}  // namespace gauntlet::runner
