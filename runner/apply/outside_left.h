// What a statement left when the server refused it outside a transaction. Pure; any thread may
// call.
#pragma once

#include "runner/apply/outside_rules.h"
#include "runner/apply/outside_words.h"
#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

namespace gauntlet::runner {

/// `before` and `found`: its object before it ran and now. `none_invalid`: no index became INVALID.
Left left_by_failing(const OutsideStatement& what, const ObjectFound& before,
                     const ObjectFound& found, bool none_invalid, const SqlError& error,
                     const SqlDialect& dialect);

}  // namespace gauntlet::runner
