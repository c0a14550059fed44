#include "harness/process/process.h"
#include "harness/process/quoted_word.h"
#include "runner/values/error.h"

namespace gauntlet::process {
namespace {

[[noreturn]] void throw_bad_command(const std::string& message, const std::string& line) {
  throw runner::Error("bad-command", message, line, "quote the command as for a shell");
}

/// Reads one word; `at` stands on its first character and is left behind its last.
std::string read_word(const std::string& line, std::size_t& at) {
  std::string word;
  char quote = 0;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    const bool is_last = at + 1 == line.size();
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) return word;
    if (c == quote && quote != 0) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'') {
      if (is_last) throw_bad_command("a command ends in a backslash", line);
      const char next = line[++at];
      const bool is_escape =
          quote == 0 || next == '"' || next == '\\' || next == '$' || next == '`';
      if (next == '\n') continue;  // a continued line
      if (!is_escape) word += '\\';
      word += next;
    } else {
      word += c;
    }
  }
  if (quote != 0) throw_bad_command("a command has a quote that is never closed", line);
  return word;
}

}  // namespace

std::vector<std::string> split_command(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < line.size();) {
    if (line.find_first_of(" \t\n\r", at) == at) {
      ++at;
    } else {
      words.push_back(read_word(line, at));
    }
  }
  if (words.empty()) throw_bad_command("a command is empty", line);
  return words;
}

std::string quoted_word(std::string_view word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

}  // namespace gauntlet::process
