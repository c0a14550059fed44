#include "harness/cli/workers.h"

#include <atomic>
#include <barrier>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

TEST(Workers, DoEveryThingOnce) {
  std::mutex mutex;
  std::multiset<std::size_t> done;
  share_out(100, 3, [&] {
    return [&](std::size_t item) {
      const std::lock_guard held(mutex);
      done.insert(item);
    };
  });
  EXPECT_EQ(done.size(), 100U);
  EXPECT_EQ(std::set(done.begin(), done.end()).size(), 100U);
}

TEST(Workers, WorkAtTheSameTimeEachWithItsOwn) {
  std::barrier<> together(2);  // neither comes past it alone
  std::mutex mutex;
  std::set<std::thread::id> threads;
  share_out(2, 2, [&] {
    return [&, mine = std::this_thread::get_id()](std::size_t) {
      together.arrive_and_wait();
      EXPECT_EQ(mine, std::this_thread::get_id());
      const std::lock_guard held(mutex);
      threads.insert(mine);
    };
  });
  EXPECT_EQ(threads.size(), 2U);
}

TEST(Workers, AreNotMoreThanThereIsToDo) {
  std::atomic<int> made{0};
  share_out(1, 8, [&] {
    ++made;
    return [](std::size_t) {};
  });
  share_out(0, 8, [&] {
    ++made;
    return [](std::size_t) {};
  });
  EXPECT_EQ(made, 1);
}

TEST(Workers, TellWhatWentWrongAndBeginNothingAfterIt) {
  std::atomic<std::size_t> begun{0};
  const auto share = [&] {
    share_out(1'000, 1, [&] {
      return [&](std::size_t item) {
        ++begun;
        if (item == 7) throw std::runtime_error("the eighth");
      };
    });
  };
  EXPECT_THROW(share(), std::runtime_error);
  EXPECT_EQ(begun, 8U);
}

TEST(Workers, TellThatOneCouldNotBeMade) {
  EXPECT_THROW(share_out(3, 2,
                         []() -> std::function<void(std::size_t)> {
                           throw std::runtime_error("no server");
                         }),
               std::runtime_error);
}

}  // namespace
}  // namespace gauntlet::cli
