#include "harness/core/files.h"

#include "runner/sql/text_encoding.h"
#include "runner/values/error.h"

#include <fstream>
#include <iterator>
#include <system_error>

namespace gauntlet::core {
namespace {

std::string rest_of(std::ifstream& stream) { return {std::istreambuf_iterator<char>(stream), {}}; }

}  // namespace

std::string read_file(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file, ignored))
    throw runner::Error("unreadable-file", "there is no such file, or it cannot be read",
                        runner::printable(file.string()), "name a file that this user may read");
  return rest_of(stream);
}

std::string read_file_if_any(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return rest_of(stream);
}

}  // namespace gauntlet::core
