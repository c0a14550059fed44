#include "runner/apply/failure.h"

#include "runner/postgres.h"
#include "runner/sql/statement_postgres.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

constexpr std::string_view body = "SELECT 'ö';\nSELECT nope -- end";

Message message() {
  return {
      .before = {{Purpose::begin, "BEGIN"}, {Purpose::setting, "SET LOCAL x = 1"}},
      .body = body,
      .after = {
          {Purpose::proof, "SELECT 1"}, {Purpose::record, "INSERT"}, {Purpose::commit, "COMMIT"}}};
}

SqlError error(const std::string& sqlstate, std::optional<std::size_t> position,
               std::size_t completed) {
  return {ServerMessage{.sqlstate = sqlstate, .message = "no", .position = position}, completed};
}

std::string site(const SqlError& failed) {
  const ErrorSite found = site_of(message(), failed, postgres_dialect());
  if (found.where == ErrorSite::Where::ours)
    return "ours " + std::to_string(static_cast<int>(found.purpose));
  const std::string end = found.where == ErrorSite::Where::end_of_body ? "end " : "";
  return end + std::to_string(found.place.line) + ":" + std::to_string(found.place.column);
}

TEST(ErrorSite, IsFoundByCharactersOfTheBody) {
  const std::size_t before = std::string("BEGIN;SET LOCAL x = 1;").size();
  EXPECT_EQ(site(error("42703", before + 1, 2)), "1:1");
  EXPECT_EQ(site(error("42703", before + 12 + 8, 3)), "2:8");
}

TEST(ErrorSite, IsCountedWhereThereIsNoPosition) {
  EXPECT_EQ(site(error("22012", {}, 2)), "1:1");
  EXPECT_EQ(site(error("22012", {}, 3)), "2:1");
  EXPECT_EQ(site(error("22012", {}, 4)),
            "ours " + std::to_string(static_cast<int>(Purpose::proof)));
  EXPECT_EQ(site(error("23505", {}, 5)),
            "ours " + std::to_string(static_cast<int>(Purpose::record)));
  EXPECT_EQ(site(error("23503", {}, 6)),
            "ours " + std::to_string(static_cast<int>(Purpose::commit)));
}

TEST(ErrorSite, OfAGrammarErrorInOurTextIsTheEndOfTheBody) {
  const std::size_t in_ours = message().text().size() - 3;
  EXPECT_EQ(site(error("42601", in_ours, 0)), "end 2:19");
}

TEST(ErrorSite, OfAnyOtherErrorInOurTextIsOurs) {
  const std::size_t in_ours = message().text().size() - 10;
  EXPECT_EQ(site(error("42P01", in_ours, 5)),
            "ours " + std::to_string(static_cast<int>(Purpose::record)));
}

// A permission or a timeout says nothing about who has the lock.
TEST(Failure, OfTheProofOfTheLockIsReportedAsWhatItIs) {
  const Migration migration{.version = {3}, .name = "x"};
  const Task task{.migration = &migration};
  const ErrorSite proof{.where = ErrorSite::Where::ours, .place = {}, .purpose = Purpose::proof};
  const auto reported = [&](const std::string& sqlstate) {
    return failure_of(task, proof, error(sqlstate, {}, 3), postgres_dialect(), "nothing remains")
        .code();
  };
  EXPECT_EQ(reported("22012"), "lock-lost");
  EXPECT_EQ(reported("42501"), "lock-not-proven");
  EXPECT_EQ(reported("57014"), "lock-not-proven");
  const SqlError told =
      failure_of(task, proof, error("42501", {}, 3), postgres_dialect(), "nothing remains");
  EXPECT_EQ(std::string(told.what())
                .find("error[lock-not-proven]: whether migration 3 (x) still "
                      "has the migration lock could not be asked: no"),
            0U);
}

// Statements with text of every width, joined with comments and line ends of both kinds.
rc::Gen<std::string> any_body() {
  const auto pieces = rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("SELECT 'ö';", "SELECT 1\n;", "DO $$ a; 表 $$;",
                                    "SELECT /* ; ü */ 2;", "-- c; é\n", "\r\n", " ", "/* d;\n */"));
  return rc::gen::map(pieces, [](const std::vector<std::string>& chosen) {
    std::string text;
    for (const auto& piece : chosen) text += piece;
    return text;
  });
}

std::size_t characters_before(std::string_view text, std::size_t byte) {
  std::size_t characters = 0;
  for (const char each : text.substr(0, byte)) {
    if ((static_cast<unsigned char>(each) & 0xc0U) != 0x80U) ++characters;
  }
  return characters;
}

TEST(ErrorSite, OfAnyStatementIsWhereItStandsInTheFile) {
  EXPECT_TRUE(rc::check("by its position or by counting, the place is the same", [] {
    const std::string text = *any_body();
    Message sent{.before = {}, .body = text, .after = {{Purpose::proof, "SELECT 1"}}};
    sent.before.resize(*rc::gen::inRange<std::size_t>(0, 4), {Purpose::setting, "SET x = 1"});
    const std::size_t first = sent.text().find(text) + 1;
    std::size_t completed = sent.before.size();
    for (const Statement& statement : split(text).statements) {
      const Place place = place_of_byte(text, statement.offset);
      const std::size_t position = first + characters_before(text, statement.offset);
      RC_ASSERT(site_of(sent, error("22012", {}, completed), postgres_dialect()).place == place);
      RC_ASSERT(site_of(sent, error("42P01", position, completed), postgres_dialect()).place ==
                place);
      ++completed;
    }
    RC_ASSERT(site_of(sent, error("22012", {}, completed), postgres_dialect()).where ==
              ErrorSite::Where::ours);
  }));
}

}  // namespace
}  // namespace gauntlet::runner
