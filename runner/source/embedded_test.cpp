#include "runner/source/embedded.h"

#include "embedded_fixtures.h"
#include "embedded_orders.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

using namespace std::string_view_literals;

struct Seen {
  std::int64_t version;
  std::string name, file, checksum, down;
  auto operator<=>(const Seen&) const = default;
};

std::vector<Seen> seen(const Listing& listing) {
  std::vector<Seen> all;
  for (const Migration& migration : listing.migrations)
    all.push_back({migration.version.number, migration.name, migration.up.file.filename(),
                   migration.up.checksum, migration.down ? migration.down->bytes : "none"});
  return all;
}

std::vector<std::string> problems(const Listing& listing) {
  std::vector<std::string> all;
  for (const Problem& problem : listing.problems)
    all.push_back(problem.id + ": " + problem.message);
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Embedded, ListsWhatItsFolderLists) {
  const Listing folder = read_folder(GAUNTLET_SOURCE_DIR "/migrations/orders");
  EXPECT_FALSE(folder.migrations.empty());
  EXPECT_EQ(seen(read_embedded(embedded_orders())), seen(folder));
}

TEST(Embedded, FindsTheProblemsThatItsFolderHas) {
  const Listing folder = read_folder(GAUNTLET_SOURCE_DIR "/runner/fixtures/embedded");
  EXPECT_GE(folder.problems.size(), 5U);
  EXPECT_EQ(problems(read_embedded(embedded_fixtures())), problems(folder));
}

TEST(Embedded, KeepsEveryByte) {
  const Listing folder = read_folder(GAUNTLET_SOURCE_DIR "/runner/fixtures/embedded");
  EXPECT_EQ(seen(read_embedded(embedded_fixtures())), seen(folder));
}

TEST(Embedded, NamesItsFilesWithoutAFolder) {
  const std::array files{EmbeddedFile{"1_a.up.sql"sv, "SELECT 1"sv}};
  EXPECT_EQ(read_embedded(files).migrations.at(0).up.file, "1_a.up.sql");
}

TEST(Embedded, MayBeEmpty) { EXPECT_TRUE(read_embedded({}).migrations.empty()); }

}  // namespace
}  // namespace gauntlet::runner
