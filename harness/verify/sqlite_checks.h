// `gauntlet verify --database sqlite:…`: the same checks, by SQLite's rules. Nothing is ever sent
// to the given file: it is read once, and each check works on copies. Any thread.
#pragma once

#include "harness/verify/check.h"

#include <memory>
#include <string_view>

namespace gauntlet::verify {

/// Does `options.database` name a SQLite file, or ask for throwaway ones?
bool is_sqlite(const Options& options);

/// Throws: Error `no-such-database`, `hot-journal`, `busy`, `cannot-copy`.
std::unique_ptr<arena::Arena> open_sqlite_arena(const Options& options);

/// The check `id` as it runs on SQLite; one that does not run there gives not applicable.
core::Result (*sqlite_check(std::string_view id))(const Context&);

/// `SQLite 3.40.1`, and the file's pragmas that change what a migration does.
core::ServerFacts sqlite_facts(const arena::Address& address);

}  // namespace gauntlet::verify
