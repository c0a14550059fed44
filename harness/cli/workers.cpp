#include "harness/cli/workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace gauntlet::cli {

void share_out(std::size_t count, std::size_t jobs,
               const std::function<std::function<void(std::size_t)>()>& make_worker) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      const auto worker = make_worker();
      for (std::size_t item = next++; item < count; item = next++) worker(item);
    } catch (...) {
      const std::lock_guard held(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t job = 0; job < std::min(jobs, count); ++job) threads.emplace_back(work);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace gauntlet::cli
