// What is asked of PostgreSQL's catalogues to describe a database: a few statements over sets of
// objects, each giving rows of (name, definition). Values; no effects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::observe {

/// Common table expressions that all of them begin with: objects that are the user's own, neither
/// the system's nor an extension's.
extern const std::string_view own_objects;

/// Each to be put behind `own_objects`. They expect an empty search_path, so that names come
/// qualified.
const std::vector<std::string_view>& relation_statements();  ///< relations and what hangs on them
const std::vector<std::string_view>& object_statements();  ///< all other objects, rights, comments

}  // namespace gauntlet::observe
