#include "harness/formats/folder.h"

#include "runner/sql/text_encoding.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

namespace fs = std::filesystem;

constexpr int depth_max = 3;  // `migrations/2024/0001_init/up.sql`

constexpr std::size_t code_bytes_max = 64U << 10U;

template <std::size_t count>
bool ends_in(const fs::path& file, const std::array<std::string_view, count>& extensions) {
  const std::string extension = file.extension().string();
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

/// How much of it a layout may look into: a step in code only to tell whose it is.
std::size_t bytes_max(const fs::path& file) {
  constexpr std::array<std::string_view, 7> text = {".sql",  ".psql", ".pgsql", ".up",
                                                    ".plan", ".toml", ".txt"};
  constexpr std::array<std::string_view, 15> code = {".py",  ".rb",   ".js",  ".ts",  ".go",
                                                     ".rs",  ".mjs",  ".cjs", ".exs", ".php",
                                                     ".xml", ".yaml", ".yml", ".cs",  ".java"};
  if (ends_in(file, text)) return std::numeric_limits<std::size_t>::max();
  const bool is_list = file.filename() == "order" || file.filename() == "series";
  return ends_in(file, code) || is_list ? code_bytes_max : 0;
}

std::string read_bytes(const fs::path& file) {
  const std::size_t max = bytes_max(file);
  if (max == 0) return {};
  std::ifstream stream(file, std::ios::binary);
  std::string bytes;
  if (max == code_bytes_max) {
    bytes.resize(max);
    stream.read(bytes.data(), static_cast<std::streamsize>(max));
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
  } else {
    // An iterator over the buffer would throw where a read fails.
    std::ostringstream text;
    text << stream.rdbuf();
    if (text.bad()) stream.setstate(std::ios::badbit);
    bytes = std::move(text).str();
  }
  if (stream.bad() || !stream.is_open())
    throw runner::Error("unreadable-file", "a file cannot be read",
                        runner::printable(file.string()),
                        "let this user read it, or take it out of the folder");
  return bytes;
}

void write_file(const fs::path& file, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream)
    throw runner::Error("cannot-write", "a file of the project cannot be written", file.string(),
                        "free some room there");
}

}  // namespace

std::vector<File> files_of(const fs::path& folder) {
  std::error_code error;
  const bool is_there = fs::exists(folder, error);
  fs::recursive_directory_iterator entries(folder, error);
  if (error)
    throw runner::Error(
        "no-such-folder",
        is_there ? "this is not a folder that can be read" : "there is no such folder",
        runner::printable(folder.string()), "name the folder that holds the migrations");
  std::vector<File> files;
  for (const auto end = fs::recursive_directory_iterator(); entries != end;
       entries.increment(error)) {
    if (error) break;
    std::error_code ignored;
    const fs::path& path = entries->path();
    const bool is_hidden = path.filename().string().starts_with('.');
    if (entries->is_directory(ignored) &&
        (is_hidden || entries.depth() >= depth_max || path.filename() == "node_modules"))
      entries.disable_recursion_pending();
    if (is_hidden || !entries->is_regular_file(ignored)) continue;
    files.push_back({.path = path,
                     .name = path.lexically_relative(folder).generic_string(),
                     .bytes = read_bytes(path)});
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

Reading read_folder(const Format& format, const fs::path& folder) {
  const bool is_its_own = format.native && !format.rules.asks_a_runner;
  if (is_its_own) return {.listing = runner::read_folder(folder)};
  return format.read(format, files_of(folder));
}

void write_project(const Format& format, const fs::path& neutral, const fs::path& project) {
  const runner::Listing listing = runner::read_folder(neutral);
  runner::refuse_problems(listing);
  write_files(format.write(listing.migrations), project);
}

void write_files(const ProjectFiles& files, const fs::path& project) {
  for (const auto& [path, text] : files) write_file(project / path, text);
}

}  // namespace gauntlet::formats
