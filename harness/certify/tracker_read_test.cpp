#include "harness/certify/tracker_read.h"

#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

TrackerReadRun complete() {
  return {.refused = 1, .ok = false, .ended = true, .after = {.files = 3}, .files = 3};
}

TEST(TrackerRead, ThatIsRefusedMustStopTheRun) {
  EXPECT_EQ(grade_of("42501", complete()).grade, "told");
  TrackerReadRun run = complete();
  run.ok = true;
  EXPECT_EQ(grade_of("42501", run).grade, "swallowed");
  EXPECT_EQ(grade_of("42501", run).weight, Grade::Weight::wish);
}

TEST(TrackerRead, ThatIsTakenForAMissingTrackerIsHarmOrBackedByAKey) {
  TrackerReadRun run = complete();
  run.after = {.files = std::nullopt, .differs = {{.id = "rows-added", .message = "twice"}}};
  EXPECT_EQ(grade_of("42501", run).weight, Grade::Weight::harm);
  run = complete();
  run.by_key = true;
  EXPECT_EQ(grade_of("42501", run).grade, "backed-by-constraint");
}

TEST(TrackerRead, ThatDidNotComeIsNotAsked) {
  TrackerReadRun run = complete();
  run.refused = 0;
  EXPECT_EQ(grade_of("42501", run).weight, Grade::Weight::not_asked);
}

}  // namespace
}  // namespace gauntlet::certify
