// The rules of lint for one file: each turns its facts into findings. Pure.
#pragma once

#include "harness/core/verdict.h"
#include "harness/formats/format.h"
#include "harness/sql/migration_facts.h"

#include <cstdint>
#include <vector>

namespace gauntlet::verify {

/// One file as the rules see it. All of it outlives the call.
struct LintedFile {
  const runner::Script& script;
  const sql::MigrationFacts& facts;
  const formats::Format& format;
  std::int64_t version;

  /// Does the file run outside a transaction because it says so?
  bool marked() const { return format.marker && facts.directives.no_transaction; }
};

/// All findings of all rules, by line.
std::vector<core::Finding> lint_file(const LintedFile& file);

}  // namespace gauntlet::verify
