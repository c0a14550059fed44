// Which database a statement is for. A value.
#pragma once

namespace gauntlet::runner {

enum class Engine { postgres, sqlite };

}  // namespace gauntlet::runner
