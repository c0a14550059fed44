// Where servers and templates are kept on this machine, and how a folder's name tells its owner.
// Any thread, and any number of processes, may call.
#pragma once

#include "harness/process/fd.h"
#include "harness/process/owner.h"
#include "harness/process/process.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gauntlet::arena {

/// The folder that holds all others: $GAUNTLET_FOLDER, else shared memory where there is room, else
/// the user's cache folder, else /var/tmp; the first that is ours alone and that `account` can
/// enter. Throws: Error `no-folder` with the reason of each.
std::filesystem::path base_folder(const std::optional<process::Account>& account);

/// Every one of those that exists and is ours: what a sweep looks through.
std::vector<std::filesystem::path> base_folders();

/// `<owner>_<n>`: another one at each call.
std::string owned_name();

/// The owner in an owned name; nullopt for any other name.
std::optional<process::Owner> owner_in(const std::string& name);

/// A lock over a file, across processes, let go on destruction.
class FileLock {
 public:
  enum class Kind { shared, exclusive };
  /// Throws: Error `lock-wait` when it is not to be had within `patience`.
  FileLock(const std::filesystem::path& file, Kind kind, std::chrono::seconds patience);
  void change_to(Kind kind);

 private:
  std::filesystem::path file_;
  std::chrono::seconds patience_;
  process::Fd fd_;
};

/// A folder's size: what tells a whole copy from a broken one.
struct FolderSize {
  std::size_t files = 0;
  std::uintmax_t bytes = 0;

  friend bool operator==(const FolderSize&, const FolderSize&) = default;
  friend FolderSize operator+(const FolderSize& one, const FolderSize& other) {
    return {.files = one.files + other.files, .bytes = one.bytes + other.bytes};
  }
};

/// Makes the folders of a copy for `account`, and tells the plain files that it wants, by their
/// paths below `from`. Throws: std::filesystem::filesystem_error; Error `cannot-copy` for a link.
std::vector<std::filesystem::path> copy_only_folders(
    const std::filesystem::path& from, const std::filesystem::path& to,
    const std::optional<process::Account>& account);

/// Copies `files`, paths below `from` and below `to`; on this thread, in the kernel where it can.
/// Throws: std::filesystem::filesystem_error.
FolderSize copy_files(const std::filesystem::path& from, const std::filesystem::path& to,
                      std::span<const std::filesystem::path> files,
                      const std::optional<process::Account>& account);

/// Both of these, with a second thread. Throws: as they do.
FolderSize copy_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::optional<process::Account>& account);

/// Makes `path` belong to `account`, where we are root.
void give_to(const std::filesystem::path& path, const std::optional<process::Account>& account);

/// Removes a folder and all in it. Never throws: what another one removes meanwhile is gone as
/// well.
void remove_folder(const std::filesystem::path& folder) noexcept;

/// A folder of ours that an interrupted program still removes: from the first call to the second.
void note_folder(const std::filesystem::path& folder);
void forget_folder(const std::filesystem::path& folder) noexcept;
/// Removes those that are noted, and lets nobody note another one. For the end of the program.
void give_back_folders() noexcept;

/// All at once for a reader: written beside it and renamed, readable for us alone.
void write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace gauntlet::arena
