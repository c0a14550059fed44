// Which tables a runner records in, told from what was asked to read them. Any thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/snapshot.h"

#include <string>

namespace gauntlet::verify {

/// The tables of `applied` as SQL writes them, separated by commas: the tracker itself, or what the
/// query of --applied-query reads, as the server's plan tells. Empty if it reads none.
/// Throws: SqlError.
std::string tables_of(const arena::Address& address, const core::Applied& applied,
                      const std::string& query);

}  // namespace gauntlet::verify
