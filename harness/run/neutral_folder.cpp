#include "harness/run/neutral_folder.h"

#include "harness/run/call.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <string>

namespace gauntlet::run {

namespace {

namespace fs = std::filesystem;

void write(const fs::path& folder, const runner::Script& script) {
  const fs::path file = folder / script.file.filename();
  std::ofstream stream(file, std::ios::binary);
  stream << script.bytes;
  stream.close();
  if (!stream)
    throw runner::Error("cannot-write", "a migration could not be written for the program",
                        file.string(), "make room in the folder for temporary files");
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

std::string_view digits_of(std::string_view name) {
  return name.substr(0, std::min(name.find_first_not_of("0123456789"), name.size()));
}

/// NNN_name.up.sql or .down.sql.
bool is_well_named(std::string_view name) {
  const std::string_view digits = digits_of(name);
  return !digits.empty() && name.substr(digits.size()).starts_with('_') &&
         (name.ends_with(".up.sql") || name.ends_with(".down.sql"));
}

/// It reads the names as we write them.
bool has_our_names(const fleet::SubjectFile& project) {
  return project.format == "gauntlet" || project.format == "golang-migrate";
}

/// A file a migration, side by side in one folder, and nothing that lists them.
bool is_loose(const fleet::SubjectFile& project) {
  constexpr std::array<std::string_view, 7> loose = {
      "dbmate", "goose", "node-pg-migrate", "sql-migrate", "flyway", "refinery", "plain"};
  return std::ranges::find(loose, project.format) != loose.end();
}

/// Files by name: the first of each number and direction, and the rest.
struct Parted {
  std::vector<runner::Script> regular = {}, odd = {};
};

Parted parted(const std::vector<runner::Script>& files) {
  Parted parted;
  std::set<std::pair<std::string, bool>> seen;
  for (const runner::Script& file : files) {
    const std::string name = file.file.filename().string();
    std::string number(digits_of(name));
    number.erase(0, std::min(number.find_first_not_of('0'), number.size()));
    const bool is_new =
        is_well_named(name) && seen.insert({number, name.ends_with(".up.sql")}).second;
    (is_new ? parted.regular : parted.odd).push_back(file);
  }
  return parted;
}

/// `next_step.sql` of `V900__next_step.sql`.
std::string without_number(const std::string& name) {
  std::size_t from = name.starts_with('V') ? 1 : 0;
  while (from < name.size() && (is_digit(name[from]) || name[from] == '_' || name[from] == '-'))
    ++from;
  return name.substr(from);
}

/// What the layout makes of this file alone joins the project, where no other file has its name.
void join(const fleet::SubjectFile& project, const arena::Address& database,
          const runner::Script& script, const fs::path& into) {
  const std::string name = script.file.filename().string();
  if (has_our_names(project)) return write(into, script);
  const fleet::WorkFolder folder;
  const fs::path neutral = folder.path() / "neutral", made = folder.path() / "made";
  fs::create_directory(neutral);
  fs::create_directory(made);
  const bool is_numbered = is_well_named(name);
  runner::Script alone = script;
  if (!is_numbered) alone.file = "900_" + name;
  write(neutral, alone);
  fleet::make_project(project, database, neutral, made);
  for (const fs::directory_entry& entry : fs::directory_iterator(made)) {
    const std::string written = entry.path().filename().string();
    fs::copy_file(entry.path(), into / (is_numbered ? written : without_number(written)),
                  fs::copy_options::skip_existing);
  }
}

}  // namespace

bool takes_odd_files(const fleet::SubjectFile& project) {
  return has_our_names(project) || is_loose(project);
}

bool takes_odd_file(const fleet::SubjectFile& project, std::string_view name) {
  return has_our_names(project) || (is_loose(project) && digits_of(name).empty());
}

NeutralFolder::NeutralFolder(const std::vector<runner::Script>& files)
    : read_(folder_.path() / "migrations") {
  fs::create_directory(read_);
  for (const runner::Script& file : files) write(read_, file);
}

NeutralFolder::NeutralFolder(const std::vector<runner::Script>& files, const Program& program,
                             const arena::Address& database)
    : read_(folder_.path() / "migrations") {
  const bool takes_odd = program.project && takes_odd_files(*program.project);
  const Parted by_name = takes_odd ? parted(files) : Parted{.regular = files};
  fs::create_directory(read_);
  for (const runner::Script& file : by_name.regular) write(read_, file);
  if (!program.project) return;
  const fs::path project = folder_.path() / "project";
  fs::create_directory(project);
  fleet::make_project(*program.project, database, read_, project);
  for (const runner::Script& odd : by_name.odd) join(*program.project, database, odd, project);
  read_ = project;
}

NeutralFolder folder_for(const scenario::Call& call, const Folder& folder, const Program& program,
                         const arena::Database& database) {
  const bool knows_all = call.knows_up_to == 0;
  return {knows_all ? folder.files : files_of(known_to(call, folder.listing)), program,
          database.loopback()};
}

}  // namespace gauntlet::run
