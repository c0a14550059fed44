// What two statements collide on that are inside the server at once: rows of one table that both
// write, or a name that both create. Pure. A text tells no more than that: what a function, a
// trigger or a view does is not seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

/// A thing in a database on which no two statements can work without one minding the other.
struct Contested {
  enum class What {
    rows,      ///< of a table: INSERT, UPDATE, DELETE, MERGE, COPY FROM
    relation,  ///< a name that tables, sequences, indexes and views share
    schema,
    type,
  };

  What what = What::rows;
  std::string name = {};  ///< quoted for SQL, qualified where the text qualifies it

  friend bool operator==(const Contested&, const Contested&) = default;
};

/// What the statements of a message write or create, in their order, each once. Empty for a message
/// that libpg_query's grammar refuses.
std::vector<Contested> contested_by(std::string_view message);

/// The first that both have.
std::optional<Contested> common(const std::vector<Contested>& one,
                                const std::vector<Contested>& other);

}  // namespace gauntlet::sql
