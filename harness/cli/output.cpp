#include "harness/cli/output.h"

#include "runner/values/error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::cli {

void print_result(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw runner::Error("cannot-write", "the results could not be written to stdout",
                        std::strerror(errno), "make room, or let the reader read to the end");
}

void write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream)
    throw runner::Error("cannot-write", "the file could not be written", file.string(),
                        "name a file in a folder that exists and may be written to");
}

std::string read_whole_file(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file, ignored))
    throw runner::Error("unreadable-file", "there is no such file, or it cannot be read",
                        file.string(), "name a file that this user may read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

runner::Error no_database(std::string_view who_needs_one, std::string_view else_fix) {
  return {"no-database", fmt::format("no database was given, and {}", who_needs_one),
          "--database and TEST_DATABASE_URL are both empty",
          fmt::format("add `--database ephemeral` for a throwaway server of our own, or set "
                      "TEST_DATABASE_URL=postgresql://… for a scratch server{}",
                      else_fix)};
}

core::Report undecided(std::string_view command, std::string reason, std::uint64_t seed) {
  core::Report report;
  report.seed = seed;
  report.results.push_back(
      {.id = std::string(command), .subject = {}, .judgement = core::unknown(std::move(reason))});
  return report;
}

}  // namespace gauntlet::cli
