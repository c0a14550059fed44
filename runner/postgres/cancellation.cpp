#include "runner/postgres/cancellation.h"

#include <array>
#include <system_error>
#include <thread>
#include <utility>

#include <libpq-fe.h>

namespace gauntlet::runner {

void Cancellation::begin(Why why, std::chrono::milliseconds patience) {
  why_ = why;
  deadline_ = Clock::now() + patience;
}

void Cancellation::request(PGconn* connection) {
  const auto set = [](Requests& requests, bool is_on_its_way) {
    const std::scoped_lock lock(requests.mutex);
    requests.changed.notify_all();
    return std::exchange(requests.is_on_its_way, is_on_its_way);
  };
  if (set(*requests_, true)) return;
  const auto free_cancel = [](PGcancel* cancel) { PQfreeCancel(cancel); };
  const std::shared_ptr<PGcancel> request(PQgetCancel(connection), free_cancel);
  try {
    // It ends with the process, if the server never lets it end.
    std::thread([request, set, requests = requests_] {
      std::array<char, 256> reason{};
      PQcancel(request.get(), reason.data(), static_cast<int>(reason.size()));
      set(*requests, false);
    }).detach();
  } catch (const std::system_error&) {
    set(*requests_, false);  // no thread is to be had now: the next request tries again
  }
}

bool Cancellation::settle(std::chrono::milliseconds patience) const {
  if (!is_under_way()) return true;
  std::unique_lock lock(requests_->mutex);
  return requests_->changed.wait_for(lock, patience, [&] { return !requests_->is_on_its_way; });
}

}  // namespace gauntlet::runner
