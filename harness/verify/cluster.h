// Migrations that act on the whole server, beyond any database: kept off a server that is not ours,
// and noticed where they hid in dynamic SQL. Opens sessions of its own; any thread.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/verify/check.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// Why `migration`'s statements must not be run on the given server for good; nullopt if they may.
/// `words` are those of its statements that act on the whole server.
std::optional<std::string> cluster_refusal(const Context& context,
                                           const runner::Migration& migration,
                                           const std::vector<std::string>& words);

/// The same for the whole listing: the first migration that must not.
std::optional<std::string> cluster_refusal(const Context& context);

/// What all databases of a given server share, before and after a check.
class ClusterGuard {
 public:
  /// Takes nothing on an ephemeral server, or where changes are allowed.
  explicit ClusterGuard(const Context& context);

  /// Makes `result` unknown, naming what changed, if anything did.
  void judge(core::Result& result) const;

 private:
  const Context& context_;
  std::optional<core::Catalogue> before_;
};

}  // namespace gauntlet::verify
