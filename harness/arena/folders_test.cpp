#include "harness/arena/folders.h"

#include "harness/arena/binaries.h"
#include "harness/arena/scram.h"
#include "harness/arena/server.h"
#include "harness/arena/server_settings.h"
#include "harness/core/files.h"
#include "runner/values/error.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;

class Scratch {
 public:
  Scratch() : path_(fs::temp_directory_path() / ("gauntlet-folders-" + random_digits(4))) {
    fs::create_directories(path_);
  }
  ~Scratch() { remove_folder(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  void program(const std::string& name) const {
    write(name, "#!/bin/sh\n");
    fs::permissions(path_ / name, fs::perms::owner_all);
  }

 private:
  fs::path path_;
};

template <typename Action>
std::string code_of(const Action& action) {
  try {
    action();
  } catch (const runner::Error& error) {
    return error.code();
  }
  return "no error";
}

/// GAUNTLET_FOLDER and the umask, while it lives.
class Place {
 public:
  Place(const fs::path& folder, mode_t mask) : mask_(::umask(mask)) {
    ::setenv("GAUNTLET_FOLDER", folder.c_str(), 1);
  }
  ~Place() {
    ::umask(mask_);
    ::unsetenv("GAUNTLET_FOLDER");
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  mode_t mask_;
};

const process::Account somebody{.name = "somebody", .uid = 65'533, .gid = 65'533};

bool can_enter(const fs::path& folder) {
  return (fs::status(folder).permissions() & fs::perms::others_exec) != fs::perms::none;
}

/// Only root's servers run under another account, which must be able to enter. An ordinary user's
/// folder is for that user alone.
bool has_other_account() { return ::geteuid() == 0; }
std::optional<process::Account> account_of_servers() {
  return has_other_account() ? std::optional(somebody) : std::nullopt;
}

TEST(Folders, ServeTheServersAccountWhateverTheUmask) {
  for (const mode_t mask : {022U, 027U, 077U}) {
    SCOPED_TRACE(mask);
    const Scratch scratch;
    fs::permissions(scratch.path(), fs::perms(0755));
    const fs::path folder = scratch.path() / "new/of/ours";
    const Place place(folder, mask);
    EXPECT_EQ(base_folder(account_of_servers()), folder);
    EXPECT_EQ(can_enter(folder), has_other_account());
  }
}

TEST(Folders, HaveRightsThatDoNotDependOnWhichCommandCameFirst) {
  const Scratch scratch;
  fs::permissions(scratch.path(), fs::perms(0755));
  const fs::path folder = scratch.path() / "ours";
  const Place place(folder, 077);
  base_folder(std::nullopt);  // a command on a given server
  EXPECT_EQ(can_enter(folder), has_other_account());
  fs::permissions(folder, fs::perms::owner_all);  // as an older version left it
  EXPECT_EQ(base_folder(account_of_servers()), folder);
  EXPECT_EQ(can_enter(folder), has_other_account());
}

TEST(Folders, AFolderOfSomebodyElseIsRefused) {
  const Scratch scratch;
  const fs::path folder = scratch.path() / "open";
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::all);
  const Place place(folder, 022);
  EXPECT_EQ(code_of([] { base_folder(std::nullopt); }), "no-folder");
}

TEST(Folders, AnOwnedNameTellsUsAsItsOwner) {
  const std::string name = owned_name();
  ASSERT_TRUE(owner_in(name));
  EXPECT_EQ(owner_in(name)->text(), process::Owner::self().text());
  EXPECT_NE(owned_name(), name);
}

TEST(Folders, AnotherNameTellsNoOwner) {
  for (const std::string name : {"", "data", "template_0123456789abcdef",
                                 "template_0123456789abcdef.lock", "0123456789abcdef_1_2_x"}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(owner_in(name));
  }
}

TEST(Folders, ACopyHasEveryFileAndFolder) {
  const Scratch scratch;
  scratch.write("from/a", "one");
  scratch.write("from/b/c", std::string(3'000'000, 'x'));
  fs::create_directories(scratch.path() / "from/empty");
  const FolderSize size = copy_folder(scratch.path() / "from", scratch.path() / "to", {});
  EXPECT_EQ(size, (FolderSize{.files = 2, .bytes = 3'000'003}));
  EXPECT_EQ(core::read_file_if_any(scratch.path() / "to/b/c"), std::string(3'000'000, 'x'));
  EXPECT_TRUE(fs::is_directory(scratch.path() / "to/empty"));
}

TEST(Folders, ACopyRefusesALink) {
  const Scratch scratch;
  scratch.write("from/a", "one");
  fs::create_symlink("/etc", scratch.path() / "from/link");
  EXPECT_EQ(code_of([&] { copy_folder(scratch.path() / "from", scratch.path() / "to", {}); }),
            "cannot-copy");
}

TEST(Folders, ALockIsNotHadTwice) {
  const Scratch scratch;
  const fs::path file = scratch.path() / "lock";
  const FileLock first(file, FileLock::Kind::exclusive, std::chrono::seconds(1));
  EXPECT_EQ(code_of([&] { FileLock(file, FileLock::Kind::shared, std::chrono::seconds(0)); }),
            "lock-wait");
}

TEST(Folders, ASharedLockIsHadTwice) {
  const Scratch scratch;
  const fs::path file = scratch.path() / "lock";
  const FileLock first(file, FileLock::Kind::shared, std::chrono::seconds(1));
  EXPECT_EQ(code_of([&] { FileLock(file, FileLock::Kind::shared, std::chrono::seconds(0)); }),
            "no error");
}

TEST(Binaries, TheNewestVersionFolderWins) {
  const Scratch scratch;
  for (const std::string version : {"9.6", "15", "16"}) {
    scratch.program(version + "/bin/postgres");
    scratch.program(version + "/bin/initdb");
  }
  scratch.program("17/bin/psql");  // a client only
  EXPECT_EQ(find_server_binaries_in({.given = {}, .versions = {scratch.path()}, .path = ""}),
            scratch.path() / "16/bin");
}

TEST(Binaries, AreFoundOnThePathBehindLinks) {
  const Scratch scratch;
  scratch.program("real/postgres");
  scratch.program("real/initdb");
  fs::create_directories(scratch.path() / "bin");
  for (const std::string name : {"postgres", "initdb"}) {
    fs::create_symlink(scratch.path() / "real" / name, scratch.path() / "bin" / name);
  }
  EXPECT_EQ(
      find_server_binaries_in(
          {.given = {}, .versions = {}, .path = "/nowhere:" + (scratch.path() / "bin").string()}),
      fs::canonical(scratch.path() / "real"));
}

TEST(Binaries, AGivenFolderMayHaveThemInBin) {
  const Scratch scratch;
  scratch.program("bin/postgres");
  scratch.program("bin/initdb");
  EXPECT_EQ(find_server_binaries(scratch.path()), scratch.path() / "bin");
}

TEST(Binaries, WithoutAnyTheErrorNamesThePackage) {
  try {
    find_server_binaries_in({.given = {}, .versions = {"/nowhere"}, .path = "/nowhere"});
    ADD_FAILURE() << "found";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "no-server-binaries");
    EXPECT_NE(error.fix().find("postgresql-15"), std::string::npos);
  }
}

TEST(Binaries, AGivenFolderWithoutThemIsAnErrorEvenWhereOthersAre) {
  const Scratch scratch;
  EXPECT_EQ(code_of([&] { find_server_binaries(scratch.path()); }), "no-server-binaries");
}

TEST(Settings, OneThatSaysHowTheServerIsReachedIsRefused) {
  EXPECT_EQ(code_of([] { refuse_reserved_settings({{"port", "5432"}}); }), "reserved-setting");
  EXPECT_EQ(code_of([] { refuse_reserved_settings({{"work_mem", "1MB"}}); }), "no error");
}

TEST(Settings, ANameThatIsNoneAndALineBreakAreRefused) {
  EXPECT_EQ(code_of([] { refuse_reserved_settings({{"work mem", "1MB"}}); }), "bad-setting");
  EXPECT_EQ(code_of([] {
              refuse_reserved_settings({{"work_mem", "1MB\nport = 1"}});
            }),
            "bad-setting");
}

TEST(Port, TwoReservedOnesDiffer) {
  const Port first = Port::reserve();
  const Port second = Port::reserve();
  EXPECT_NE(first.number(), second.number());
}

}  // namespace
}  // namespace gauntlet::arena
