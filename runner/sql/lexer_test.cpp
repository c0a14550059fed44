#include "runner/sql/lexer.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

using TokenKind = Token::Kind;
using testing::ElementsAre;

std::vector<Token> tokens(std::string_view sql) {
  std::vector<Token> result;
  Lexer lexer(sql);
  while (const auto token = lexer.next()) result.push_back(*token);
  return result;
}

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> result;
  for (const auto& token : tokens(sql)) result.emplace_back(token.text);
  return result;
}

/// Is all of `sql` one token of this kind?
testing::AssertionResult is_one(std::string_view sql, TokenKind kind) {
  const auto all = tokens(sql);
  if (all.size() == 1 && all[0].kind == kind && all[0].text == sql)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << sql << " became " << all.size() << " tokens";
}

TEST(Lexer, TellsWordsNumbersAndSymbolsApart) {
  EXPECT_THAT(texts("a1$ <= 1.5e3,$2;"), ElementsAre("a1$", "<", "=", "1.5e3", ",", "$2", ";"));
}

class Whole : public testing::TestWithParam<std::pair<std::string_view, TokenKind>> {};

TEST_P(Whole, IsOneToken) { EXPECT_TRUE(is_one(GetParam().first, GetParam().second)); }

INSTANTIATE_TEST_SUITE_P(
    Literals, Whole,
    testing::Values(std::pair{"'a;''b'", TokenKind::text}, std::pair{"'back\\'", TokenKind::text},
                    std::pair{"E'it\\'s;'", TokenKind::text}, std::pair{"e'\\\\'", TokenKind::text},
                    std::pair{"U&'\\0061;'", TokenKind::text}, std::pair{"N';'", TokenKind::text},
                    std::pair{"X'1F'", TokenKind::text}, std::pair{"'a'\n  ';b'", TokenKind::text},
                    std::pair{"E'a'\n'\\';b'", TokenKind::text},
                    std::pair{"$$a;'b$$", TokenKind::text},
                    std::pair{"$f$ $$;$$ $g$ $f$", TokenKind::text},
                    std::pair{"\"a;\"\"b\"", TokenKind::quoted},
                    std::pair{"U&\"a;b\"", TokenKind::quoted},
                    std::pair{"-- a;'b", TokenKind::comment},
                    std::pair{"/* a /* ; */ ' */", TokenKind::comment}));

INSTANTIATE_TEST_SUITE_P(Unfinished, Whole,
                         testing::Values(std::pair{"'a", TokenKind::unfinished},
                                         std::pair{"'a''", TokenKind::unfinished},
                                         std::pair{"E'a\\'", TokenKind::unfinished},
                                         std::pair{"\"a\"\"", TokenKind::unfinished},
                                         std::pair{"$a$ $b$", TokenKind::unfinished},
                                         std::pair{"/* /* */", TokenKind::unfinished}));

TEST(Lexer, DoesNotJoinStringsOnOneLine) {
  EXPECT_THAT(texts("'a' 'b'"), ElementsAre("'a'", "'b'"));
}

TEST(Lexer, EndsALineCommentAtAnyLineEnd) {
  EXPECT_THAT(texts("--a\r\nb--c\rd"), ElementsAre("--a", "b", "--c", "d"));
}

TEST(Lexer, SeesACommentInsideAnOperator) {
  EXPECT_THAT(texts("a+--b"), ElementsAre("a", "+", "--b"));
}

TEST(Lexer, TakesADollarInsideAWordForPartOfIt) { EXPECT_THAT(texts("a$$b"), ElementsAre("a$$b")); }

TEST(Lexer, SkipsTheRestOfALine) {
  Lexer lexer("\\i it's\nSELECT");
  lexer.next();
  EXPECT_EQ(lexer.skip_line(), "i it's");
  EXPECT_EQ(lexer.next()->text, "SELECT");
}

TEST(Lexer, ComparesWordsInAnyCase) {
  EXPECT_TRUE(is_word(tokens("Begin")[0], "BEGIN"));
  EXPECT_FALSE(is_word(tokens("begins")[0], "BEGIN"));
  EXPECT_FALSE(is_word(tokens("\"BEGIN\"")[0], "BEGIN"));
}

TEST(Lexer, CoversAnyTextButItsWhiteSpace) {
  EXPECT_TRUE(rc::check("tokens follow one another, with white space between", [] {
    const auto sql = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("'\"$-/*;\\eEuU&x1 \n(,") + '\0' + '\xE9'));
    std::size_t at = 0;
    for (const auto& token : tokens(sql)) {
      RC_ASSERT(token.offset >= at);
      RC_ASSERT(!token.text.empty());
      RC_ASSERT(sql.substr(at, token.offset - at).find_first_not_of(" \n") == std::string::npos);
      RC_ASSERT(sql.substr(token.offset, token.text.size()) == token.text);
      at = token.end();
    }
    RC_ASSERT(sql.substr(at).find_first_not_of(" \n") == std::string::npos);
  }));
}

}  // namespace
}  // namespace gauntlet::runner
