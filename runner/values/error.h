// The one error type of the user's world: servers, files, networks, statements.
// Our own bugs are asserts; an expected disagreement is a value. Safe to use from any thread.
#pragma once

#include <exception>
#include <string>

namespace gauntlet::runner {

/// What happened, where, and what to do about it; told so that the reader can act at once.
///
/// `code` is a stable kebab-case id (`duplicate-version`), `what` one lower-case sentence in the
/// user's words, `where` the file, table or server concerned with both values that disagree, `fix`
/// the next command. Passwords never appear in any of them.
class Error : public std::exception {
 public:
  Error(std::string code, std::string message, std::string where = {}, std::string fix = {});

  const std::string& code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& fix() const noexcept { return fix_; }

  /// The whole error as it is printed: `error[code]: message`, then a `where:` and a `fix:` line.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string code_, message_, where_, fix_, text_;
};

}  // namespace gauntlet::runner
