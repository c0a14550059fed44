#include "harness/certify/certificate.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::certify {

namespace {

using Weight = Grade::Weight;
using State = JudgedPromise::State;

core::Judgement judgement_of(const Grade& grade) {
  const std::string told = fmt::format("{}: {}: {}", grade.what, grade.grade, grade.why);
  if (grade.weight == Weight::undecided) return core::unknown(told);
  if (grade.weight == Weight::not_asked) return core::not_applicable(told);
  std::vector<core::Finding> findings;
  if (grade.weight != Weight::fine)
    findings.push_back({.id = grade.grade,
                        .message = fmt::format("{}: {}", grade.what, grade.why),
                        .fix = grade.replay.empty() ? "" : "repeat it alone: " + grade.replay,
                        .severity = grade.weight == Weight::harm ? core::Severity::violation
                                                                 : core::Severity::warning});
  return core::judged(std::move(findings));
}

core::Result result_of(const Certificate& certificate, Area area) {
  core::Result result{.id = fmt::format("certify/{}", to_string(area)),
                      .subject = certificate.runner};
  for (const Grade& grade : certificate.grades) {
    if (grade.area != area) continue;
    core::merge(result.judgement, judgement_of(grade));
    result.notes.push_back(fmt::format("{}: {}: {}", grade.what, grade.grade, grade.why));
    if (result.replay.empty() && grade.weight == Weight::harm) result.replay = grade.replay;
  }
  if (result.judgement.verdict == core::Verdict::nothing_judged && !result.notes.empty())
    result.judgement = core::not_applicable(result.notes.front());
  return result;
}

core::Result result_of(const Certificate& certificate, const JudgedPromise& promise) {
  core::Result result{.id = "promise/" + promise.id, .subject = certificate.runner};
  const std::string told = fmt::format("{} ({})", promise.why, promise.page);
  if (promise.state == State::not_judged) {
    result.judgement = core::not_applicable(told);
    return result;
  }
  std::vector<core::Finding> findings;
  if (promise.state == State::broken)
    findings.push_back({.id = "promise-broken",
                        .message = fmt::format("{} says `{}`, and {}", certificate.runner,
                                               promise.id, promise.why),
                        .fix = "the tool says so on " + promise.page});
  result.judgement = core::judged(std::move(findings));
  result.judgement.reason = told;
  return result;
}

/// Text within a cell of a table, or a line.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += ' ';
      continue;
    }
    if (std::string_view("\\`*_[]<>|").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string list_of(const Certificate& certificate, Weight weight, std::string_view heading) {
  std::string text;
  for (const Grade& grade : certificate.grades)
    if (grade.weight == weight)
      text += fmt::format("- **{} {}**: {}: {}\n", to_string(grade.area), plain(grade.what),
                          plain(grade.grade), plain(grade.why));
  return text.empty() ? text : fmt::format("\n## {}\n\n{}", heading, text);
}

}  // namespace

std::string_view to_string(Area area) {
  constexpr std::string_view words[] = {"lock",  "crash",   "replicas", "pooler",
                                        "drift", "tracker", "reader"};
  return words[static_cast<std::size_t>(area)];
}

const std::vector<Area>& areas() {
  static const std::vector<Area> all = {Area::lock,  Area::crash,   Area::replicas, Area::pooler,
                                        Area::drift, Area::tracker, Area::reader};
  return all;
}

std::string_view to_string(JudgedPromise::State state) {
  constexpr std::string_view words[] = {"kept", "broken", "not-judged"};
  return words[static_cast<std::size_t>(state)];
}

core::Verdict Certificate::verdict() const {
  const auto weighs = [&](Weight weight) {
    return std::ranges::any_of(grades, [&](const Grade& grade) { return grade.weight == weight; });
  };
  const bool is_broken = std::ranges::any_of(
      promises, [](const JudgedPromise& promise) { return promise.state == State::broken; });
  if (weighs(Weight::harm) || is_broken) return core::Verdict::violated;
  const bool is_judged = weighs(Weight::fine) || weighs(Weight::wish);
  return weighs(Weight::undecided) || !is_judged ? core::Verdict::unknown : core::Verdict::holds;
}

core::Report report_of(const Certificate& certificate, std::uint64_t seed) {
  core::Report report{.kind = "part", .seed = seed};
  for (const JudgedPromise& promise : certificate.promises)
    report.results.push_back(result_of(certificate, promise));
  for (const Area area : areas())
    if (std::ranges::any_of(certificate.grades,
                            [&](const Grade& grade) { return grade.area == area; }))
      report.results.push_back(result_of(certificate, area));
  return report;
}

std::string markdown(const Certificate& certificate) {
  std::string text = fmt::format("# {}: {}\n\n", plain(certificate.runner),
                                 core::to_string(certificate.verdict()));
  text += fmt::format("Judged on {} by gauntlet {} on {}", certificate.date, certificate.gauntlet,
                      certificate.server);
  if (!certificate.version.empty())
    text += fmt::format("; version `{}`", plain(certificate.version));
  text += ".\n";
  for (const Executable& each : certificate.executables)
    text += fmt::format("- {}: sha256 `{}`\n", plain(each.file), each.sha256);
  if (!certificate.promises.empty()) {
    text += "\n## What the tool promises\n\n| promise | kept? | why | page |\n|---|---|---|---|\n";
    for (const JudgedPromise& promise : certificate.promises)
      text += fmt::format("| {} | **{}** | {} | {} |\n", plain(promise.id),
                          to_string(promise.state), plain(promise.why), plain(promise.page));
  }
  text += list_of(certificate, Weight::harm, "What harms data or records");
  text += list_of(certificate, Weight::wish, "What we wish were otherwise");
  text += "\n## Grades\n\n| part | of | grade | why |\n|---|---|---|---|\n";
  for (const Grade& grade : certificate.grades)
    text += fmt::format("| {} | {} | {} | {} |\n", to_string(grade.area), plain(grade.what),
                        plain(grade.grade), plain(grade.why));
  return text;
}

}  // namespace gauntlet::certify
