// What is read by whoever meets an error: the message, where it arose, and what to do. Each code of
// the runner has a test that reads them; those of files, words and code are here.
#include "runner/apply/decide_delivery.h"
#include "runner/folder_test.h"
#include "runner/postgres.h"
#include "runner/source/source.h"
#include "runner/values/delivery.h"
#include "runner/values/error.h"
#include "runner/values/lock_mode.h"

#include <filesystem>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

namespace fs = std::filesystem;

class Messages : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view bytes = "SELECT 1") const {
    owned_.write(name, bytes);
  }
  void clear() const {
    for (const auto& entry : fs::directory_iterator(folder_)) fs::remove_all(entry);
  }

  /// What the error of `action` says, with `m` for the folder.
  std::string said(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      return with_short_folder(error.what());
    }
    return "no error";
  }
  std::string with_short_folder(std::string text) const {
    for (auto at = text.find(folder_.string()); at != text.npos; at = text.find(folder_.string())) {
      text.replace(at, folder_.string().size(), "m");
    }
    return text;
  }
  std::string refusal() const {
    return said([this] { refuse_problems(read_folder(folder_)); });
  }

  const TestFolder owned_;
  const fs::path folder_ = owned_.path();
};

TEST_F(Messages, OfAFilesNameTellHowToNameIt) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"init.up.sql",
       "error[unparseable-name]: `init.up.sql` does not begin with a version number and `_`\n"
       "  where: m/init.up.sql\n"
       "  fix:   rename it to NNN_description.up.sql or NNN_description.down.sql"},
      {"04_.up.sql",
       "error[empty-name]: `04_.up.sql` has no description after its version\n"
       "  where: m/04_.up.sql\n"
       "  fix:   rename it to 04_what_it_does.up.sql"},
      {"04_.down.sql",
       "error[empty-name]: `04_.down.sql` has no description after its version\n"
       "  where: m/04_.down.sql\n"
       "  fix:   rename it to 04_what_it_does.down.sql"},
      {"9223372036854775808_x.up.sql",
       "error[version-too-large]: the version of `9223372036854775808_x.up.sql` is larger than "
       "9223372036854775807\n"
       "  where: m/9223372036854775808_x.up.sql\n"
       "  fix:   give it a smaller version"},
      {"2_b.down.sql",
       "error[down-without-up]: version 2 has a down file but no up file: 2_b.down.sql\n"
       "  where: m/2_b.down.sql\n"
       "  fix:   add the up file, or remove the down file"}};
  for (const auto& [file, message] : table) {
    clear();
    write(file);
    EXPECT_EQ(refusal(), message);
  }
}

TEST_F(Messages, OfTwoFilesOfAVersionNameThemAll) {
  write("1_a.up.sql");
  write("001_b.up.sql");
  EXPECT_EQ(refusal(),
            "error[duplicate-version]: version 1 has 2 up files: 001_b.up.sql, 1_a.up.sql\n"
            "  where: m/001_b.up.sql, m/1_a.up.sql\n"
            "  fix:   keep one of them, and give the others versions of their own");
  clear();
  write("1_a.up.sql");
  write("1_a.down.sql");
  write("01_a.down.sql");
  EXPECT_EQ(refusal(),
            "error[duplicate-down]: version 1 has 2 down files: 01_a.down.sql, 1_a.down.sql\n"
            "  where: m/01_a.down.sql, m/1_a.down.sql\n"
            "  fix:   keep one of them, and give the others versions of their own");
}

TEST_F(Messages, OfAFilesBytesNameLineAndColumn) {
  write("1_a.up.sql", "SELECT 1;\n-- caf\xE9\n");
  EXPECT_EQ(refusal(),
            "error[not-utf8]: `1_a.up.sql` is not UTF-8: byte 0xe9\n"
            "  where: m/1_a.up.sql:2:7\n"
            "  fix:   save it as UTF-8");
  write("1_a.up.sql", std::string_view("SELECT 1;\n\0SELECT 2;", 20));
  EXPECT_EQ(refusal(),
            "error[nul-byte]: `1_a.up.sql` holds a NUL byte, where the server would stop reading\n"
            "  where: m/1_a.up.sql:2:1\n"
            "  fix:   take the NUL byte out");
}

TEST_F(Messages, OfWhatCannotBeReadTellWhy) {
  fs::create_symlink(folder_ / "gone", folder_ / "1_a.up.sql");
  EXPECT_EQ(refusal(),
            "error[unreadable-file]: a file cannot be read: No such file or directory\n"
            "  where: m/1_a.up.sql\n"
            "  fix:   let this user read it, or take it out of the folder");
  EXPECT_EQ(said([this] { read_folder(folder_ / "none"); }),
            "error[no-such-folder]: there is no such folder\n"
            "  where: m/none\n"
            "  fix:   name the folder that holds the migrations");
}

TEST_F(Messages, OfWarningsTellWhatIsOdd) {
  write("1_add.up.sql");
  write("1_drop.down.sql");
  write("2_b.sql");
  const Listing listing = read_folder(folder_);
  ASSERT_EQ(listing.problems.size(), 2U);
  EXPECT_EQ(listing.problems[0].id, "unrecognized-file");
  EXPECT_EQ(listing.problems[0].message,
            "`2_b.sql` looks like a migration, but is not read as one");
  EXPECT_EQ(listing.problems[0].fix,
            "if it is SQL, rename it to NNN_description.up.sql or NNN_description.down.sql; else "
            "move it out of the folder");
  EXPECT_EQ(listing.problems[1].id, "names-differ");
  EXPECT_EQ(listing.problems[1].message,
            "up and down of version 1 are described differently: 1_add.up.sql, 1_drop.down.sql");
  EXPECT_EQ(listing.problems[1].fix,
            "give both the same description, unless one of them has the wrong version");
}

TEST_F(Messages, OfCodeTellWhatItLacks) {
  const Code nothing = [](Session&) {};
  const auto refusal_of = [this](std::vector<CodeMigration> code) {
    return said([&] { refuse_problems(list_code(std::move(code))); });
  };
  EXPECT_EQ(refusal_of({{Version{-1}, "below", nothing}}),
            "error[version-too-small]: the migration -1 (below) has a version below 0\n"
            "  fix:   give it a version of its own, 0 or more");
  EXPECT_EQ(refusal_of({{Version{1}, "", nothing}}),
            "error[empty-name]: migration 1, which is code, has no name\n"
            "  fix:   say in its name what it does");
  EXPECT_EQ(refusal_of({{Version{2}, "idle", nullptr}}),
            "error[no-code]: migration 2 (idle) was listed as code, without any\n"
            "  fix:   give it the function that does its work");
  Migration both{.version = {3},
                 .name = "both",
                 .up = {.file = "m/3_both.up.sql",
                        .bytes = "-- gauntlet: no-transaction\nVACUUM",
                        .checksum = "abc"}};
  both.up_code = nothing;
  EXPECT_EQ(
      said([&] { delivery_of(both, NoTransaction::directive, Direction::up, postgres_dialect()); }),
      "error[code-outside-transaction]: migration 3 (both) has code beside a file that runs "
      "outside a transaction\n"
      "  where: m/3_both.up.sql\n"
      "  fix:   make two migrations of them");
}

TEST_F(Messages, OfAWordThatIsNoneListThoseThereAre) {
  EXPECT_EQ(said([] { parse_lock_mode("advisory"); }),
            "error[bad-lock-mode]: \"advisory\" is not a way to take turns\n"
            "  fix:   say notify, transaction or none, in full");
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// All text of the runner's own sources, or of its tests: here, and on real servers.
std::string text_of_runner(bool tests) {
  std::string text;
  for (const char* folder : {"runner", "harness/reference"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(GAUNTLET_SOURCE_DIR) / folder)) {
      const std::string name = entry.path().filename();
      const bool is_source = name.ends_with(".cpp") || name.ends_with(".h");
      const bool is_test = name.ends_with("_test.cpp") || name.ends_with("_test.h");
      if (is_source && is_test == tests) text += text_of(entry.path());
    }
  }
  return text;
}

// A code is the first thing in the braces or brackets that make an Error or a Problem.
std::set<std::string> codes_in(const std::string& sources) {
  std::set<std::string> codes;
  const std::regex made(
      R"re((Error\(|Error\{|SqlError\(\s*\{|return \{|\.id =|problem\.id =|)re"
      R"re(migration,|refuse_duplicates\([a-z_]+,|lost \?|:)\s*"([a-z]+(-[a-z0-9]+)+|pooler|renamed|interrupted)",?)re");
  for (std::sregex_iterator found(sources.begin(), sources.end(), made), end; found != end; ++found)
    codes.insert((*found)[2]);
  return codes;
}

TEST(MessagesOfTheRunner, AreEachReadByATest) {
  const std::string tests = text_of_runner(true);
  const std::set<std::string> codes = codes_in(text_of_runner(false));
  EXPECT_GT(codes.size(), 50U);
  const std::set<std::string> never_told{"not-our-turn"};  // caught where a turn is awaited
  for (const std::string& code : codes) {
    if (never_told.contains(code)) continue;
    EXPECT_TRUE(tests.find("error[" + code + "]") != tests.npos ||
                tests.find("id, \"" + code + "\"") != tests.npos)
        << "no test reads the message of `" << code << "`";
  }
}

}  // namespace
}  // namespace gauntlet::runner
