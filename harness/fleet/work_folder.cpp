#include "harness/arena/folders.h"
#include "harness/fleet/fleet.h"
#include "runner/values/error.h"

#include <system_error>

namespace gauntlet::fleet {

namespace fs = std::filesystem;

// Among the servers' folders, under an owner's name: what a killed owner leaves is swept with them.
WorkFolder::WorkFolder() : path_(arena::base_folder(std::nullopt) / arena::owned_name()) {
  arena::note_folder(path_);
  std::error_code error;
  if (fs::create_directory(path_, error)) return;
  arena::forget_folder(path_);
  throw runner::Error("no-work-folder", "a folder for a program under test cannot be made",
                      path_.string() + ": " + error.message(),
                      "free some room there, or name another folder in GAUNTLET_FOLDER");
}

WorkFolder::~WorkFolder() {
  arena::remove_folder(path_);
  arena::forget_folder(path_);
}

}  // namespace gauntlet::fleet
