// What a file's name says: a migration, a file that resembles one, or any other file. Pure.
#pragma once

#include "runner/values/migration.h"

#include <string>
#include <string_view>

namespace gauntlet::runner {

struct FileName {
  enum class Kind {
    up,                 ///< NNN_description.up.sql
    down,               ///< NNN_description.down.sql
    unparseable,        ///< ends so, but does not begin with a number and `_`
    empty_description,  ///< 004_.up.sql
    version_too_large,  ///< beyond 9223372036854775807
    unrecognized,       ///< resembles a migration, but the runner would skip it
    other,              ///< an ordinary neighbour: README.md, schema.sql
  };

  Kind kind = Kind::other;
  Version version;   ///< of up, down and empty_description
  std::string name;  ///< of up and down
};

FileName read_file_name(std::string_view file_name);

}  // namespace gauntlet::runner
