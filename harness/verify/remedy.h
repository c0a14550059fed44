// What to do about a failing file, by the SQLSTATE of its failure. Pure.
#pragma once

#include "harness/verify/failure.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <string>

namespace gauntlet::verify {

/// The next thing to do, in one sentence.
std::string remedy_for(const runner::Migration& migration, const runner::ServerMessage& said,
                       const Framing& framing, const Around& around);

/// Does the message say that a schema, type, function or relation does not exist?
bool is_about_a_missing_object(const runner::ServerMessage& said);

/// The object that the message names: what stands in its first double quotes, or before a bracket
/// (`function earth(integer) does not exist`); bare and in lower case, empty if it names none.
std::string named_object(const runner::ServerMessage& said);

}  // namespace gauntlet::verify
