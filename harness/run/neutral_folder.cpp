#include "harness/run/neutral_folder.h"

#include "harness/run/call.h"
#include "runner/values/error.h"

#include <fstream>

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

}  // namespace

NeutralFolder::NeutralFolder(const std::vector<runner::Script>& files)
    : read_(folder_.path() / "migrations") {
  fs::create_directory(read_);
  for (const runner::Script& file : files) write(read_, file);
}

NeutralFolder::NeutralFolder(const std::vector<runner::Script>& files, const Program& program,
                             const arena::Address& database)
    : NeutralFolder(files) {
  if (!program.project) return;
  const fs::path project = folder_.path() / "project";
  fs::create_directory(project);
  fleet::make_project(*program.project, database, read_, project);
  read_ = project;
}

NeutralFolder folder_for(const scenario::Call& call, const Folder& folder, const Program& program,
                         const arena::Database& database) {
  const bool knows_all = call.knows_up_to == 0;
  return {knows_all ? folder.files : files_of(known_to(call, folder.listing)), program,
          database.loopback()};
}

}  // namespace gauntlet::run
