// Which kind of database a URL names. A value.
#pragma once

#include <string_view>

namespace gauntlet::runner {

enum class Engine { postgres, sqlite };

/// The engine that a database URL names: `sqlite:PATH`, or else PostgreSQL.
Engine engine_of(std::string_view database);

}  // namespace gauntlet::runner
