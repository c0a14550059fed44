// How one pending file can be tried out without keeping anything of it. Pure.
#pragma once

#include "harness/formats/format.h"
#include "runner/values/migration.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify {

/// What stops a file from being run at all.
struct Obstacle {
  std::string why;  ///< `BEGIN in a file that is not marked no-transaction`
  std::optional<runner::Place> place;
  std::string fix;
};

struct FilePlan {
  const runner::Migration* migration = nullptr;
  formats::Delivery delivery = formats::Delivery::in_transaction;
  /// Why it cannot share one transaction with the other files; empty if it can.
  std::string rehearse_because = {};
  std::optional<Obstacle> refused;  ///< the runner would refuse it
  std::optional<Obstacle>
      withheld;  ///< it acts beyond a rollback's reach on a database that is not ours
  std::vector<std::string> cluster_wide;  ///< words of statements that act on the whole server
};

/// Whose server the file would run on.
enum class Ground { given, ephemeral };

FilePlan plan_file(const runner::Migration& migration, const formats::Format& format,
                   Ground ground);

/// `004`: the version as the file's name spells it.
std::string label(const runner::Migration& migration);

/// Does `text` hold `word`, in any case, as a word of its own?
bool has_word(std::string_view text, std::string_view word);

}  // namespace gauntlet::verify
