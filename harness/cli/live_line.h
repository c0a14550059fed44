// Progress on stderr: a line rewritten in place on a terminal, a line every ten seconds elsewhere.
// Some CI servers end a job that prints nothing for minutes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace gauntlet::cli {

class LiveLine {
 public:
  enum class Screen { terminal, plain };

  /// Writes to the descriptor `fd` until its end.
  LiveLine(int fd, Screen screen);
  ~LiveLine();  ///< wipes the line of a terminal
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  /// What is being done now. Any thread.
  void show(std::string_view doing);
  /// So much of the whole, from 0 to 1, has been done: the line also estimates the time left. Any
  /// thread.
  void set_done(double share);

 private:
  void print_until_ended();
  void print() const;  ///< with mutex_ held

  const int fd_;
  const Screen screen_;
  const std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string doing_ = "starting";
  double share_done_ = 0;
  bool ended_ = false;
  std::thread thread_;
};

/// `, about 40 s left`, by what has been done so far; empty while that is too little to tell.
std::string time_left(std::chrono::duration<double> elapsed, double share_done);

/// Is `fd` a terminal that understands escape sequences?
LiveLine::Screen screen_of(int fd);

/// Columns of the terminal at `fd`; `otherwise` if it is none.
int columns_of(int fd, int otherwise);

/// May what goes to `fd` be coloured? Not with NO_COLOR in the environment (https://no-color.org).
bool wants_colour(int fd);

}  // namespace gauntlet::cli
