#include "harness/core/files.h"

#include "runner/sql/text_encoding.h"
#include "runner/values/error.h"

#include <fstream>
#include <sstream>
#include <system_error>

namespace gauntlet::core {
namespace {

/// An iterator over the buffer would throw where a read fails; this ends there and sets the state.
std::string rest_of(std::ifstream& stream) {
  std::ostringstream text;
  text << stream.rdbuf();
  if (text.bad()) stream.setstate(std::ios::badbit);
  return std::move(text).str();
}

}  // namespace

std::string read_file(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream stream(file, std::ios::binary);
  const bool is_readable = stream && !std::filesystem::is_directory(file, ignored);
  std::string bytes = is_readable ? rest_of(stream) : std::string();
  if (!is_readable || stream.bad())
    throw runner::Error("unreadable-file", "there is no such file, or it cannot be read",
                        runner::printable(file.string()), "name a file that this user may read");
  return bytes;
}

std::string read_file_if_any(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return rest_of(stream);
}

std::string name_in_messages(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const bool is_shared = name == "up.sql" || name == "down.sql" || name == "migration.sql";
  if (!is_shared || !file.has_parent_path()) return name;
  return file.parent_path().filename().string() + "/" + name;
}

}  // namespace gauntlet::core
