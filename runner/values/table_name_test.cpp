#include "runner/values/table_name.h"

#include "runner/values/error.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

std::string refusal(const std::string& text) {
  try {
    parse_table_name(text, "--table", 20);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TableName, IsTakenLiterally) {
  const TableName name = parse_table_name("My \"App\".it's", "--table");
  EXPECT_EQ(name.schema, "My \"App\"");
  EXPECT_EQ(name.table, "it's");
  EXPECT_EQ(name.text(), "My \"App\".it's");
}

TEST(TableName, NeedsNoSchema) { EXPECT_EQ(parse_table_name("t", "--table").schema, ""); }

TEST(TableName, IsNeverRepaired) {
  for (const char* text : {"a.b.c", "", ".", ".t", "s.", "s.t.", "twenty_one_characters"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(refusal(text).rfind("error[bad-table-name]: \"", 0), 0U);
  }
}

TEST(TableName, SaysWhatIsWrong) {
  EXPECT_EQ(
      refusal("a.b.c"),
      "error[bad-table-name]: \"a.b.c\" is not the name of a table: it has more than one dot\n"
      "  where: --table\n"
      "  fix:   write `table` or `schema.table`, without quotes");
}

}  // namespace
}  // namespace gauntlet::runner
