#include "harness/cli/search_claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using core::Verdict;
using testing::HasSubstr;
using Pair = schedule::SearchResult::Pair;

core::Judgement judged(const Pair& pair, std::size_t shards = 1) {
  ExploreCommand command;
  command.shard = {.number = 1, .of = shards};
  const explore::Bounded bounded(2);
  schedule::SearchResult found{.schedules = 9};
  found.pairs["a"] = pair;
  return SearchClaim(command, &bounded, 1).judgement_of(found);
}

TEST(SearchClaim, PairThatNeverOverlappedIsNoPass) {
  EXPECT_EQ(judged({.tried = false}).verdict, Verdict::unknown);
  EXPECT_EQ(judged({.tried = true}).verdict, Verdict::unknown);
  EXPECT_THAT(judged({.tried = true}).reason, HasSubstr("never inside the server at once"));
}

TEST(SearchClaim, PairThatOverlappedOrThatALockKeepsApartIsDecided) {
  EXPECT_EQ(judged({.tried = true, .overlapped = true}).verdict, Verdict::holds);
  EXPECT_EQ(judged({.tried = true, .ordered = true}).verdict, Verdict::holds);
}

TEST(SearchClaim, ShardAnswersForThePairsThatItTried) {
  EXPECT_EQ(judged({.tried = false}, 2).verdict, Verdict::holds);
  EXPECT_EQ(judged({.tried = true}, 2).verdict, Verdict::unknown);
}

TEST(SearchClaim, SearchThatWasStoppedSaysHowItIsContinued) {
  ExploreCommand command;
  const explore::Bounded bounded(2);
  const schedule::SearchResult stopped{.end = schedule::SearchResult::End::limit, .schedules = 3};
  EXPECT_THAT(SearchClaim(command, &bounded, 1).judgement_of(stopped).reason,
              HasSubstr("--checkpoint FILE"));
  command.checkpoint = "search.json";
  EXPECT_THAT(SearchClaim(command, &bounded, 1).judgement_of(stopped).reason,
              HasSubstr("the same command continues the search"));
}

}  // namespace
}  // namespace gauntlet::cli
