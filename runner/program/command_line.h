// What gauntlet-migrate was asked to do. One per process, on the main thread.
#pragma once

#include "runner/apply.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace gauntlet::runner {

enum class Command { up, down, status, check, plan, accept, resume, forget };
enum class Format { text, json, json_lines };

struct Asked {
  Command command = Command::up;
  std::string database;
  std::filesystem::path migrations;
  Format format = Format::text;
  std::chrono::milliseconds heartbeat{10'000};  ///< of a migration that takes long; 0: none
  RunOptions up;  ///< the other commands use its tracker, lock and no_transaction
  std::optional<DownAmount> down;
  std::int64_t version = 0;  ///< of accept, resume and forget
  std::optional<int> from;   ///< of resume
};

/// What to do, or what to print and which code to end with (help, a usage error).
struct CommandLine {
  bool run = false;
  Asked asked;
  int exit_code = 0;
  std::string out, err;
};

constexpr int exit_usage = 64;

/// `database_url` is the environment's DATABASE_URL, empty if unset.
CommandLine parse_command_line(int argc, const char* const* argv, const std::string& database_url);

}  // namespace gauntlet::runner
