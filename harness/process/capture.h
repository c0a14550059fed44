// What a process wrote, bounded: the first and the last part of a long output. A value; one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gauntlet::process {

class Capture {
 public:
  explicit Capture(std::size_t bytes_max) : half_bytes_(bytes_max / 2) {}

  void append(std::string_view bytes);
  /// Head, a line that says how many bytes are left out, tail; or simply everything.
  const std::string& text() const;

 private:
  std::size_t half_bytes_;
  std::string head_, tail_;
  std::size_t left_out_bytes_ = 0;
  mutable std::string text_;
  mutable bool is_current_ = true;
};

}  // namespace gauntlet::process
