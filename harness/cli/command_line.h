// What was asked for, as values: the command line read and checked, nothing done yet.
// Reads the environment variable TEST_DATABASE_URL; touches nothing else.
#pragma once

#include "harness/arena/server.h"
#include "harness/check/check.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

namespace gauntlet::cli {

enum class Output { text, json };

struct VerifyCommand {
  check::Options options;
  std::string junit_file;             ///< --junit; empty: none
  std::optional<std::uint64_t> seed;  ///< --seed; absent: the program draws one
  Output output = Output::text;
};

struct ListCommand {
  enum class What { checks, findings, oracles };
  What what = What::checks;
  Output output = Output::text;
};

struct ServerStart {
  arena::ServerOptions options;
  std::chrono::seconds ttl{7'200};
  Output output = Output::text;
};
struct ServerStop {
  std::string name;
};  ///< empty: the only one there is
struct ServerUrl {
  std::string name;
};  ///< empty: the only one there is
struct ServerList {
  Output output = Output::text;
};

struct SweepCommand {
  std::string database;  ///< a URL; empty: this machine alone
  Output output = Output::text;
};

/// `--help` and `--version`: the text to print, and that is all.
struct Printed {
  std::string text;
};

using Command = std::variant<VerifyCommand, ListCommand, ServerStart, ServerStop, ServerUrl,
                             ServerList, SweepCommand, Printed>;

/// A command line that says nothing we understand; exit code 64.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws: UsageError in one or two sentences that name what was wrong and what there is.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace gauntlet::cli
