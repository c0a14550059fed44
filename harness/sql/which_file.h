// Which file is this statement? The one answer for stories, traces and checks: by token sequence,
// comments and blanks apart, and by position in the session. Pure; a Bodies may be read by any
// thread once it is built.
#pragma once

#include "harness/core/history.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::sql {

/// A file as far as its statements matter.
struct Body {
  std::string name = {};
  std::string sql = {};
  /// The file's text where it is in another language: a statement may stand in its quotes.
  std::string code = {};
};

/// The files' statements, read once.
class Bodies {
 public:
  explicit Bodies(const std::vector<Body>& bodies);

  struct Read {
    std::string name = {};
    std::vector<std::string> statements = {};  ///< as tokens_of_statement() writes them
    std::string code = {};                     ///< without blanks
  };
  const std::vector<Read>& files() const { return files_; }

 private:
  std::vector<Read> files_;
};

/// Where a statement comes from.
struct Origin {
  std::size_t file = 0;                     ///< position among the bodies
  std::vector<std::size_t> or_one_of = {};  ///< other files that it may as well come from
  std::size_t statement = 0;                ///< its position in the file
  std::size_t statements = 1;               ///< how many the file has

  bool begins() const { return statement == 0; }
  bool ends() const { return statement + 1 >= statements; }
  bool is_ambiguous() const { return !or_one_of.empty(); }
};

/// By step, by statement of the step's message: its origin; nullopt for a statement of no file.
///
/// Among equal statements it is the next one of the file that the session is in, or else the first
/// file that the session has not completed. It stays ambiguous where neither the session's last
/// file nor any other session's tells which comes next.
std::vector<std::vector<std::optional<Origin>>> origins_of(const core::History& history,
                                                           const Bodies& bodies);

/// `004_b.up.sql`, or `one of 004_b.up.sql, 005_c.up.sql`.
std::string label_of(const Origin& origin, const Bodies& bodies);

/// The statement's tokens, one blank between them, without comments and its semicolon: what two
/// spellings of it share.
std::string tokens_of_statement(std::string_view statement);

}  // namespace gauntlet::sql
