#include "harness/oracle/endings.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

constexpr std::size_t last_lines_max = 6;
constexpr std::size_t last_bytes_max = 1000;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string ending_of(const Event& end) {
  if (end.signal) return fmt::format("was ended by signal {}", *end.signal);
  if (end.exit_code) return fmt::format("ended with exit {}", *end.exit_code);
  return "ended in a way that was not seen";
}

std::string last_lines(const core::History& history, std::size_t replica) {
  if (replica >= history.outputs.size()) return {};
  const core::ReplicaOutput& output = history.outputs[replica];
  // A program that says nothing on stderr has perhaps told its failure on stdout.
  std::string_view text = is_blank(output.err) ? output.out : output.err;
  if (is_blank(text)) return {};
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  std::size_t start = text.size();
  for (std::size_t lines = 0; lines < last_lines_max && start != 0; ++lines) {
    const std::size_t newline = text.rfind('\n', start - 1);
    start = newline == std::string_view::npos ? 0 : newline;
  }
  text.remove_prefix(text.size() - std::min(text.size() - start, last_bytes_max));
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  return std::string(text);
}

std::chrono::duration<double> running_time(const core::History& history, std::size_t replica,
                                           const Event& end) {
  std::chrono::microseconds since{0};
  for (const Event& event : history.events) {
    const bool began = event.kind == Event::Kind::started || event.kind == Event::Kind::released;
    if (event.replica == replica && began) since = event.at;
  }
  return end.at - since;
}

}  // namespace gauntlet::oracle
