#include "harness/trace/sources.h"

#include "harness/core/files.h"
#include "harness/formats/choose.h"
#include "harness/formats/folder.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace gauntlet::trace {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t file_bytes_max = 64U << 20U;

/// What undoes or checks is no migration's body.
bool applies(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.ends_with(".down.sql") || name.starts_with('.')) return false;
  const std::string folder = file.parent_path().filename().string();
  if (folder == "revert" || folder == "verify" || folder == "node_modules") return false;
  constexpr std::array<std::string_view, 8> extensions = {".sql", ".js", ".mjs", ".cjs",
                                                          ".ts",  ".py", ".rb",  ".go"};
  const std::string extension = file.extension().string();
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

std::string stem_of(const fs::path& file) {
  std::string stem = file.stem().string();
  if (stem.ends_with(".up")) stem.resize(stem.size() - 3);
  return stem;
}

std::string version_of(std::string_view stem) {
  if (!stem.empty() && (stem.front() == 'V' || stem.front() == 'v')) stem.remove_prefix(1);
  const std::size_t digits = std::min(stem.find_first_not_of("0123456789"), stem.size());
  std::string_view version = stem.substr(0, digits);
  while (version.size() > 1 && version.front() == '0') version.remove_prefix(1);
  return std::string(version);
}

bool comes_before(const Source& a, const Source& b) {
  if (a.version.size() != b.version.size()) return a.version.size() < b.version.size();
  return a.version != b.version ? a.version < b.version : a.name < b.name;
}

/// A step of the folder and the file that it lies in.
struct FileOfSource {
  fs::path file;
  Source source;
};

/// Where the folder's layout is known, only what applies a step counts of a file that holds more.
void keep_what_applies(std::vector<FileOfSource>& all, const fs::path& folder) {
  const std::vector<formats::File> files = formats::files_of(folder);
  const formats::Choice choice = formats::choose(files);
  const formats::Format format = formats::as_read_by_any_runner(*choice.format);
  for (const runner::Migration& step : format.read(format, files).listing.migrations) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const FileOfSource& each) {
      return each.file == step.up.file;
    });
    if (found != all.end()) found->source.text = step.up.sql();
  }
}

}  // namespace

std::vector<Source> read_sources(const fs::path& folder) {
  std::error_code error;
  fs::recursive_directory_iterator files(folder, error);
  if (error)
    throw runner::Error("no-such-folder", "the folder of the migrations cannot be read",
                        folder.string() + ": " + error.message(), "name a folder that exists");
  std::vector<FileOfSource> all;
  for (const auto& entry : files) {
    std::error_code ignored;
    if (!entry.is_regular_file(ignored) || !applies(entry.path()) ||
        entry.file_size(ignored) > file_bytes_max)
      continue;
    std::string bytes = core::read_file_if_any(entry.path());
    const std::string stem = stem_of(entry.path());
    Source source{.name = stem, .version = version_of(stem)};
    (entry.path().extension() == ".sql" ? source.text : source.code) = std::move(bytes);
    all.push_back({.file = entry.path(), .source = std::move(source)});
  }
  keep_what_applies(all, folder);
  std::vector<Source> sources;
  for (FileOfSource& each : all) sources.push_back(std::move(each.source));
  std::sort(sources.begin(), sources.end(), comes_before);
  return sources;
}

std::vector<Source> with_neutral(std::vector<Source> project, const std::vector<Source>& neutral) {
  for (const Source& source : neutral) {
    const auto same = std::find_if(project.begin(), project.end(), [&](const Source& file) {
      return !file.version.empty() && file.version == source.version;
    });
    if (same == project.end()) {
      project.push_back(source);
    } else {
      same->text = source.text;
    }
  }
  std::sort(project.begin(), project.end(), comes_before);
  return project;
}

}  // namespace gauntlet::trace
