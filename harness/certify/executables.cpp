#include "harness/certify/executables.h"

#include "harness/core/files.h"
#include "harness/process/process.h"
#include "runner/values/error.h"
#include "runner/values/migration.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::certify {

namespace {

namespace fs = std::filesystem;

std::string search_path_of(const fleet::Subject& subject) {
  if (const auto own = subject.environment.find("PATH"); own != subject.environment.end())
    return own->second;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here writes the environment.
  const char* path = std::getenv("PATH");
  return path == nullptr ? "/usr/bin:/bin" : path;
}

std::optional<fs::path> file_at(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  return path;
}

std::optional<fs::path> program_named(const std::string& word, const fleet::Subject& subject) {
  if (word.find('/') != std::string::npos) return file_at(subject.directory / word);
  const std::string path = search_path_of(subject);
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const auto found = file_at(fs::path(path.substr(at, end - at)) / word);
    if (found && access(found->c_str(), X_OK) == 0) return found;
    at = end + 1;
  }
  return std::nullopt;
}

/// `sh -c LINE` as the words of the line.
std::vector<std::string> words_of(const fleet::Subject& subject) {
  const auto& command = subject.command;
  if (command.size() != 3 || command[1] != "-c" || !command[0].ends_with("sh")) return command;
  try {
    return process::split_command(command[2]);
  } catch (const runner::Error&) {
    return command;  // more of a shell's than words
  }
}

bool may_be_file(const std::string& word) {
  return !word.empty() && word.front() != '-' && word.find('{') == std::string::npos;
}

}  // namespace

std::vector<Executable> executables_of(const fleet::Subject& subject) {
  std::vector<fs::path> files;
  bool has_program = false;
  for (const std::string& word : words_of(subject)) {
    if (!may_be_file(word)) continue;
    // `env NAME=value program` and `NAME=value program`
    const bool is_setting = word.find('=') != std::string::npos;
    if (!has_program && !is_setting) {
      const auto program = program_named(word, subject);
      if (!program)
        throw runner::Error("cannot-start", "there is no such program", word,
                            "name it as a path, or put its folder into PATH");
      files.push_back(*program);
      has_program = program->filename() != "env";
    } else if (const auto file = file_at(subject.directory / word)) {
      files.push_back(*file);
    }
  }
  std::vector<Executable> executables;
  for (const fs::path& file : files)
    executables.push_back({file.string(), runner::sha256(core::read_file(file))});
  return executables;
}

}  // namespace gauntlet::certify
