#include "harness/explore/schedule.h"

#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::explore {

namespace {

constexpr std::string_view first_line = "gauntlet schedule 1";
constexpr std::array kinds{Option::What::step,      Option::What::wait,
                           Option::What::close,     Option::What::victim,
                           Option::What::overlap,   Option::What::die_before,
                           Option::What::die_after, Option::What::lose_reply};
constexpr std::string_view beside_word = "with";

/// The keys of one line each, in the order in which they are written.
struct Key {
  std::string_view name;
  std::string Schedule::*value;
};
constexpr std::array keys{Key{"subject", &Schedule::subject},
                          Key{"format", &Schedule::format},
                          Key{"applied-query", &Schedule::applied_query},
                          Key{"success-codes", &Schedule::success_codes},
                          Key{"scenario", &Schedule::scenario},
                          Key{"stage", &Schedule::stage},
                          Key{"lock", &Schedule::lock},
                          Key{"server", &Schedule::server},
                          Key{"verdict", &Schedule::verdict}};

std::string line_of(std::size_t number, const Schedule::Step& step) {
  const Choice& choice = step.choice;
  const std::string beside =
      choice.beside ? fmt::format("{} {}.{} {:016x}  ", beside_word, choice.beside->replica,
                                  choice.beside->number, choice.beside_fingerprint)
                    : std::string();
  return fmt::format("{:>4}  {}.{}  {:<6}  {:016x}  {}{}{}\n", number, choice.session.replica,
                     choice.session.number, to_string(choice.what), choice.fingerprint, beside,
                     step.is_preemption ? "<- preempts: " : "", step.text);
}

class ScheduleReader {
 public:
  explicit ScheduleReader(std::string_view text) : rest_(text) {}

  Schedule read() {
    if (next_line() != first_line) fail("the first line is not `" + std::string(first_line) + "`");
    while (!rest_.empty() && !in_steps_) read_key(next_line());
    while (!rest_.empty()) read_step(next_line());
    if (schedule_.steps.empty()) fail("it has no steps");
    return std::move(schedule_);
  }

 private:
  std::string_view next_line() {
    ++line_;
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return line;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw runner::Error("bad-schedule", what, fmt::format("line {}", line_),
                        "save the schedule again with `gauntlet explore --save DIR`");
  }

  static std::string_view word_of(std::string_view& line) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
  }

  template <typename Number>
  Number number_of(std::string_view word, int base = 10) const {
    Number number{};
    const auto read = std::from_chars(word.data(), word.data() + word.size(), number, base);
    if (read.ec != std::errc{} || read.ptr != word.data() + word.size() || word.empty())
      fail(fmt::format("`{}` is not a number", word));
    return number;
  }

  void read_key(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    if (line.starts_with('|')) return read_file_line(line.substr(1));
    if (line == "steps") {
      in_steps_ = true;
      return;
    }
    const std::string_view name = word_of(line);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const auto known = std::ranges::find(keys, name, &Key::name);
    if (known != keys.end()) {
      schedule_.*(known->value) = std::string(line);
    } else if (name == "replicas") {
      schedule_.replicas = number_of<std::size_t>(line);
    } else if (name == "first-files") {
      schedule_.first_files = number_of<std::size_t>(line);
    } else if (name == "findings") {
      for (auto word = word_of(line); !word.empty(); word = word_of(line))
        schedule_.findings.emplace_back(word);
    } else if (name == "file") {
      schedule_.files.push_back({.name = std::string(line), .text = {}});
    } else {
      fail(fmt::format("there is no key `{}`", name));
    }
  }

  void read_file_line(std::string_view line) {
    if (schedule_.files.empty()) fail("a line of a file comes before the file's name");
    schedule_.files.back().text += std::string(line) + "\n";
  }

  void read_step(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    const auto number = number_of<std::size_t>(word_of(line));
    if (number != schedule_.steps.size() + 1) fail("the steps are not in order");
    Schedule::Step step;
    step.choice.session = session_of(word_of(line));
    const std::string_view kind = word_of(line);
    const auto known =
        std::ranges::find(kinds, kind, [](Option::What what) { return to_string(what); });
    if (known == kinds.end()) fail(fmt::format("there is no kind of step `{}`", kind));
    step.choice.what = *known;
    step.choice.fingerprint = number_of<std::uint64_t>(word_of(line), 16);
    if (step.choice.what == Option::What::overlap) read_beside(line, step.choice);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    constexpr std::string_view mark = "<- preempts: ";
    step.is_preemption = line.starts_with(mark);
    if (step.is_preemption) line.remove_prefix(mark.size());
    step.text = std::string(line);
    schedule_.steps.push_back(std::move(step));
  }

  void read_beside(std::string_view& line, Choice& choice) const {
    if (word_of(line) != beside_word) fail("an overlap does not say with which step");
    choice.beside = session_of(word_of(line));
    choice.beside_fingerprint = number_of<std::uint64_t>(word_of(line), 16);
  }

  core::SessionId session_of(std::string_view word) const {
    const std::size_t dot = std::min(word.find('.'), word.size());
    const core::SessionId session{
        .replica = number_of<std::size_t>(word.substr(0, dot)),
        .number = number_of<std::size_t>(word.substr(std::min(dot + 1, word.size())))};
    if (session.replica >= schedule_.replicas)
      fail(fmt::format("there are {} replicas, counted from 0", schedule_.replicas));
    return session;
  }

  std::string_view rest_;
  std::size_t line_ = 0;
  bool in_steps_ = false;
  Schedule schedule_;
};

}  // namespace

std::string text_of(const Option& option) {
  return option.beside ? fmt::format("{} || {}", option.text, option.beside->text) : option.text;
}

std::string to_text(const Schedule& schedule) {
  std::string text = std::string(first_line) + "\n";
  text +=
      "# Replay it: gauntlet replay FILE. A step: number, replica.session, kind, fingerprint.\n";
  for (const Key& key : keys)
    if (!(schedule.*(key.value)).empty())
      text += fmt::format("{:<13} {}\n", key.name, schedule.*(key.value));
  text += fmt::format("{:<13} {}\n", "replicas", schedule.replicas);
  if (schedule.first_files > 0)
    text += fmt::format("{:<13} {}\n", "first-files", schedule.first_files);
  if (!schedule.findings.empty())
    text += fmt::format("{:<13} {}\n", "findings", fmt::join(schedule.findings, " "));
  for (const Schedule::File& file : schedule.files) {
    text += fmt::format("\nfile        {}\n", file.name);
    for (std::string_view rest = file.text; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      text += fmt::format("|{}\n", rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  text += "\nsteps\n";
  std::size_t number = 0;
  for (const Schedule::Step& step : schedule.steps) text += line_of(++number, step);
  return text;
}

Schedule read_schedule(std::string_view text) { return ScheduleReader(text).read(); }

std::vector<Schedule::Step> steps_of(const Moments& moments) {
  std::vector<Schedule::Step> steps;
  for (const Moment& moment : moments)
    steps.push_back({.choice = choice_of(moment.option()),
                     .text = text_of(moment.option()),
                     .is_preemption = preemptions_of(moment.point, moment.chosen) > 0});
  return steps;
}

}  // namespace gauntlet::explore
