#include "harness/core/files.h"

#include "runner/folder_test.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Files, AreNamedWithTheirFolderWhereAllHaveOneName) {
  EXPECT_EQ(name_in_messages("m/001_a.up.sql"), "001_a.up.sql");
  EXPECT_EQ(name_in_messages("m/2024-01-01_a/up.sql"), "2024-01-01_a/up.sql");
  EXPECT_EQ(name_in_messages("m/2024_a/migration.sql"), "2024_a/migration.sql");
  EXPECT_EQ(name_in_messages("up.sql"), "up.sql");
}

TEST(Files, AreReadAsTheirBytes) {
  const runner::TestFolder folder;
  const std::string bytes("a\0\r\nb", 5);
  folder.write("f", bytes);
  EXPECT_EQ(read_file(folder.file("f")), bytes);
  EXPECT_EQ(read_file_if_any(folder.file("f")), bytes);
}

TEST(Files, AMissingOneIsAnErrorUnlessItMayBeMissing) {
  const runner::TestFolder folder;
  EXPECT_THAT([&] { read_file(folder.file("none")); },
              ThrowsMessage<runner::Error>(HasSubstr("unreadable-file")));
  EXPECT_EQ(read_file_if_any(folder.file("none")), "");
}

TEST(Files, AFolderIsNoFile) {
  const runner::TestFolder folder;
  EXPECT_THAT([&] { read_file(folder.path()); },
              ThrowsMessage<runner::Error>(HasSubstr("unreadable-file")));
}

}  // namespace
}  // namespace gauntlet::core
