// The proof that a dry run left nothing: the database's fingerprints before and after it.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/snapshot.h"
#include "harness/verify/check.h"
#include "harness/verify/trial.h"
#include "runner/values/session.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// Sessions of others in the database of `session`: clients, and no session of ours.
std::size_t count_company(runner::Session& session);

/// Fingerprints, taken on creation. Opens sessions of its own.
class Traces {
 public:
  /// Of the given database. Data is compared only while it is below the limit for copies; the
  /// tracker always. Throws: Error when the database cannot be reached.
  explicit Traces(const Context& context);

  /// Compares with the present state and judges: equal, changed by somebody else, or left by us.
  /// `transaction` is what the server says became of our transaction: `aborted`, or empty if it had
  /// none.
  void judge(Trial& trial, const std::string& transaction) const;

 private:
  /// One look at the database.
  struct Look {
    core::Snapshot snapshot;
    std::vector<core::AppliedRow> applied;  ///< by the tracker, if one is recognised
    bool company = false;                   ///< somebody else was connected
  };
  Look look() const;
  bool may_write_outside() const;
  void judge_sequences(Trial& trial, const Look& after) const;
  bool set_back(const std::string& sequence, const std::string& value,
                const std::string& moved_to) const;

  const Context& context_;
  std::unique_ptr<runner::Session> session_;
  Look before_;
};

}  // namespace gauntlet::verify
