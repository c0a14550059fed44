#include "harness/oracle/endings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

constexpr std::size_t last_lines_max = 6;
constexpr std::size_t last_bytes_max = 1000;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// A line of a call stack, which says less than what stands above it.
bool is_stack_frame(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  return begin != std::string_view::npos && begin > 0 && line.substr(begin).starts_with("at ");
}

/// `error: …`, `TypeError [ERR_ASSERTION]: …`, `FATAL:  …`: a line that says what was wrong.
bool tells_an_error(std::string_view line) {
  constexpr std::array<std::string_view, 4> words = {"error", "fatal", "panic", "exception"};
  const auto is_same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  };
  for (const std::string_view word : words) {
    auto at = line.begin();
    while ((at = std::search(at, line.end(), word.begin(), word.end(), is_same)) != line.end()) {
      at += static_cast<std::ptrdiff_t>(word.size());
      std::string_view rest(at, line.end());
      if (rest.starts_with(" [")) rest.remove_prefix(std::min(rest.find(']'), rest.size() - 1) + 1);
      if (rest.starts_with(':')) return true;
    }
  }
  return false;
}

/// The last lines of `text` that are no part of a call stack, in order. Where they tell no error,
/// the last line before them that does stands in the place of the first: some runtimes print all
/// that they know of an error after it.
std::vector<std::string_view> tail_of(std::string_view text) {
  std::vector<std::string_view> lines;
  bool is_told = false;
  while (!text.empty() && (lines.size() < last_lines_max || !is_told)) {
    const std::size_t newline = text.rfind('\n');
    const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view line = text.substr(start);
    text = text.substr(0, start == 0 ? 0 : newline);
    const bool tells = tells_an_error(line);
    if (lines.size() == last_lines_max) {
      if (tells) lines.back() = line;
    } else if (!is_stack_frame(line) && (!lines.empty() || !is_blank(line))) {
      lines.push_back(line);
    }
    is_told = is_told || tells;
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace

std::string ending_of(const Event& end) {
  if (end.kind == Event::Kind::killed)
    return end.signal ? fmt::format("was ended by Gauntlet with signal {}", *end.signal)
                      : std::string("was ended by Gauntlet");
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
  std::string said = fmt::format("{}", fmt::join(tail_of(text), "\n"));
  if (said.empty()) said = text;  // nothing but a call stack
  if (said.size() > last_bytes_max) said.erase(0, said.size() - last_bytes_max);
  return said.substr(std::min(said.find_first_not_of("\r\n"), said.size()));
}

std::vector<std::size_t> successful_replicas(const core::History& history,
                                             const std::vector<int>& success_codes) {
  std::vector<std::size_t> replicas;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const Event* end = history.exit_of(replica);
    if (end == nullptr || end->kind != Event::Kind::exited || !end->exit_code) continue;
    if (std::ranges::count(success_codes, *end->exit_code) > 0) replicas.push_back(replica);
  }
  return replicas;
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
