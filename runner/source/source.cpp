#include "runner/source/source.h"

#include "runner/source/file_bytes.h"
#include "runner/source/file_name.h"
#include "runner/sql/text_encoding.h"
#include "runner/values/error.h"

#include <algorithm>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::runner {
namespace {

namespace fs = std::filesystem;
using Severity = Problem::Severity;

struct NamedFile {
  fs::path file;
  FileName name;
};

std::string shown(const fs::path& file) { return printable(file.filename().string()); }

std::string shown(const std::vector<NamedFile>& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& named : files) names.push_back(shown(named.file));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<fs::path> paths_of(const std::vector<NamedFile>& files) {
  std::vector<fs::path> paths;
  paths.reserve(files.size());
  for (const auto& named : files) paths.push_back(named.file);
  return paths;
}

/// What the name alone shows to be wrong; nullopt for a migration or an ordinary neighbour.
std::optional<Problem> problem_of_name(const NamedFile& named) {
  const std::string file = shown(named.file);
  Problem problem{.files = {named.file}};
  switch (named.name.kind) {
    case FileName::Kind::unparseable:
      problem.id = "unparseable-name";
      problem.message = fmt::format("`{}` does not begin with a version number and `_`", file);
      problem.fix = "rename it to NNN_description.up.sql or NNN_description.down.sql";
      return problem;
    case FileName::Kind::empty_description:
      problem.id = "empty-name";
      problem.message = fmt::format("`{}` has no description after its version", file);
      problem.version = named.name.version;
      problem.fix = "rename it to " + std::string(file).insert(file.find('_') + 1, "what_it_does");
      return problem;
    case FileName::Kind::version_too_large:
      problem.id = "version-too-large";
      problem.message = fmt::format("the version of `{}` is larger than 9223372036854775807", file);
      problem.fix = "give it a smaller version";
      return problem;
    case FileName::Kind::unrecognized:
      problem.id = "unrecognized-file";
      problem.severity = Severity::warning;
      problem.message = fmt::format("`{}` looks like a migration, but is not read as one", file);
      problem.fix =
          "if it is SQL, rename it to NNN_description.up.sql or NNN_description.down.sql; else "
          "move it "
          "out of the folder";
      return problem;
    default:
      return std::nullopt;
  }
}

std::optional<Problem> problem_of_text(const Script& script, Version version) {
  Problem problem{.files = {script.file}, .version = version};
  const std::string_view sql = script.sql();
  if (const auto bad = first_byte_not_utf8(sql)) {
    const bool utf16 = sql.starts_with("\xFF\xFE") || sql.starts_with("\xFE\xFF");
    problem.id = "not-utf8";
    problem.message =
        fmt::format("`{}` is not UTF-8: byte 0x{:02x}{}", shown(script.file),
                    static_cast<unsigned char>(sql[*bad]), utf16 ? " of a UTF-16 mark" : "");
    problem.place = place_of_byte(sql, *bad);
    problem.fix = "save it as UTF-8";
    return problem;
  }
  if (const auto nul = sql.find('\0'); nul != std::string_view::npos) {
    problem.id = "nul-byte";
    problem.message = fmt::format("`{}` holds a NUL byte, where the server would stop reading",
                                  shown(script.file));
    problem.place = place_of_byte(sql, nul);
    problem.fix = "take the NUL byte out";
    return problem;
  }
  return std::nullopt;
}

using ByVersion = std::map<Version, std::vector<NamedFile>>;

/// Builds a Listing from files whose names have been read.
class Lister {
 public:
  using Reader = std::function<std::string(const fs::path&)>;

  Lister(std::vector<fs::path> files, Reader reader) : reader_(std::move(reader)) {
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    for (auto& file : files) sort_out(file);
  }

  Listing list() {
    refuse_duplicates(ups_, "duplicate-version", "up");
    refuse_duplicates(downs_, "duplicate-down", "down");
    for (const auto& [version, files] : ups_) add_migration(version, files.front());
    for (const auto& [version, files] : downs_)
      if (!ups_.contains(version)) add_down_without_up(version, files);
    return std::move(listing_);
  }

 private:
  void sort_out(const fs::path& file) {
    NamedFile named{file, read_file_name(file.filename().string())};
    const bool utf8 = !first_byte_not_utf8(named.name.name);
    if (!utf8) named.name.kind = FileName::Kind::unparseable;
    if (auto problem = problem_of_name(named)) {
      if (!utf8) problem->message = fmt::format("the name `{}` is not UTF-8", shown(file));
      listing_.problems.push_back(std::move(*problem));
    } else if (named.name.kind == FileName::Kind::up) {
      ups_[named.name.version].push_back(std::move(named));
    } else if (named.name.kind == FileName::Kind::down) {
      downs_[named.name.version].push_back(std::move(named));
    }
  }

  void refuse_duplicates(const ByVersion& by_version, const std::string& id,
                         std::string_view direction) {
    for (const auto& [version, files] : by_version)
      if (files.size() > 1)
        listing_.problems.push_back(
            {.id = id,
             .message = fmt::format("version {} has {} {} files: {}", version.number, files.size(),
                                    direction, shown(files)),
             .files = paths_of(files),
             .version = version,
             .fix = "keep one of them, and give the others versions of their own"});
  }

  void add_migration(Version version, const NamedFile& up) {
    Migration migration{.version = version, .name = up.name.name, .up = read_script(up, version)};
    if (const auto downs = downs_.find(version); downs != downs_.end()) {
      const NamedFile& down = downs->second.front();
      migration.down = read_script(down, version);
      if (down.name.name != up.name.name) warn_of_names(version, up, down);
    }
    listing_.migrations.push_back(std::move(migration));
  }

  Script read_script(const NamedFile& named, Version version) {
    Script script{named.file, reader_(named.file), {}};
    script.checksum = sha256(script.bytes);
    if (auto problem = problem_of_text(script, version))
      listing_.problems.push_back(std::move(*problem));
    return script;
  }

  void warn_of_names(Version version, const NamedFile& up, const NamedFile& down) {
    listing_.problems.push_back(
        {.id = "names-differ",
         .severity = Severity::warning,
         .message = fmt::format("up and down of version {} are described differently: {}, {}",
                                version.number, shown(up.file), shown(down.file)),
         .files = {up.file, down.file},
         .version = version,
         .fix = "give both the same description, unless one of them has the wrong version"});
  }

  void add_down_without_up(Version version, const std::vector<NamedFile>& files) {
    listing_.problems.push_back(
        {.id = "down-without-up",
         .message = fmt::format("version {} has a down file but no up file: {}", version.number,
                                shown(files)),
         .files = paths_of(files),
         .version = version,
         .fix = "add the up file, or remove the down file"});
  }

  Reader reader_;
  ByVersion ups_, downs_;
  Listing listing_;
};

fs::directory_iterator open_folder(const fs::path& folder) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (!fs::exists(status) && (!error || error == std::errc::no_such_file_or_directory ||
                              error == std::errc::not_a_directory))
    throw Error("no-such-folder", "there is no such folder", printable(folder.string()),
                "name the folder that holds the migrations");
  if (fs::exists(status) && !fs::is_directory(status))
    throw Error("no-such-folder", "this is not a folder", printable(folder.string()),
                "name the folder that holds the migrations");
  fs::directory_iterator entries(folder, error);
  if (error) throw_unreadable(folder, error.message());
  return entries;
}

bool is_named_like_sql(const fs::path& file) { return file.extension() == ".sql"; }

bool is_visible(const fs::path& file) { return !file.filename().string().starts_with('.'); }

/// Folders of migrations beside no file at all: one level too high was named.
std::vector<fs::path> folders_with_sql(const std::vector<fs::path>& folders) {
  std::vector<fs::path> result;
  for (const auto& folder : folders) {
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    const auto end = fs::directory_iterator();
    if (!error && std::any_of(entries, end, [](const auto& e) { return is_named_like_sql(e); }))
      result.push_back(folder);
  }
  std::sort(result.begin(), result.end());
  return result;
}

bool is_error(const Problem& problem) { return problem.severity == Severity::error; }

std::string where_of(const Problem& problem) {
  std::vector<std::string> files;
  for (const auto& file : problem.files) files.push_back(printable(file.string()));
  std::string where = fmt::format("{}", fmt::join(files, ", "));
  if (problem.place) where += fmt::format(":{}:{}", problem.place->line, problem.place->column);
  return where;
}

}  // namespace

Listing read_folder(const fs::path& folder) {
  std::vector<fs::path> files, folders;
  for (const auto& entry : open_folder(folder)) {
    std::error_code ignored;
    (entry.is_directory(ignored) ? folders : files).push_back(entry.path());
  }
  Listing listing = read_files(files);
  if (std::any_of(files.begin(), files.end(), is_visible)) return listing;
  if (auto nested = folders_with_sql(folders); !nested.empty())
    listing.problems.push_back(
        {.id = "unrecognized-file",
         .severity = Severity::warning,
         .message = "the folder holds nothing but sub-folders with SQL files, which are not read",
         .files = std::move(nested),
         .fix = "name the folder whose own files are the migrations"});
  return listing;
}

Listing read_files(const std::vector<fs::path>& files) {
  return Lister(files, read_migration_file).list();
}

Listing list_scripts(std::vector<Script> scripts) {
  std::vector<fs::path> files;
  std::map<fs::path, std::string> bytes;
  for (auto& script : scripts) {
    files.push_back(script.file);
    bytes.emplace(std::move(script.file), std::move(script.bytes));
  }
  return Lister(std::move(files), [&](const fs::path& file) { return std::move(bytes[file]); })
      .list();
}

void refuse_problems(const Listing& listing) {
  std::vector<const Problem*> errors;
  for (const auto& problem : listing.problems)
    if (is_error(problem)) errors.push_back(&problem);
  if (errors.empty()) return;
  const Problem& first = *errors.front();
  if (errors.size() == 1) throw Error(first.id, first.message, where_of(first), first.fix);
  std::string where;
  for (const Problem* problem : errors)
    where += fmt::format("\n    {}: {}\n      in {}\n      fix: {}", problem->id, problem->message,
                         where_of(*problem), problem->fix);
  throw Error(first.id, fmt::format("the migration files have {} problems", errors.size()), where,
              "put right what is listed above");
}

}  // namespace gauntlet::runner
