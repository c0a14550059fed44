#include "harness/process/capture.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::process {

void Capture::append(std::string_view bytes) {
  if (bytes.empty()) return;
  is_current_ = false;
  const std::size_t to_head = std::min(half_bytes_ - head_.size(), bytes.size());
  head_.append(bytes.substr(0, to_head));
  tail_.append(bytes.substr(to_head));
  if (tail_.size() <= 2 * half_bytes_) return;  // cut rarely: moving the tail costs its size
  const std::size_t surplus = tail_.size() - half_bytes_;
  tail_.erase(0, surplus);
  left_out_bytes_ += surplus;
}

const std::string& Capture::text() const {
  if (is_current_) return text_;
  is_current_ = true;
  const std::size_t surplus = tail_.size() > half_bytes_ ? tail_.size() - half_bytes_ : 0;
  const std::size_t left_out = left_out_bytes_ + surplus;
  text_ = head_;
  if (left_out > 0) text_ += fmt::format("\n[... {} bytes left out ...]\n", left_out);
  text_ += std::string_view(tail_).substr(surplus);
  return text_;
}

}  // namespace gauntlet::process
