#include "harness/report/groups.h"

#include "harness/core/files.h"
#include "harness/report/legible.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

namespace gauntlet::report {

namespace {

using core::Finding;

constexpr std::size_t places_max = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void replace_all(std::string& text, std::string_view part, std::string_view by) {
  if (part.empty()) return;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + by.size()))
    text.replace(at, part.size(), by);
}

std::string_view base_of(std::string_view file) { return file.substr(file.rfind('/') + 1); }

/// Where the span that opens at `at` closes; npos if none opens there.
std::size_t end_of_span(std::string_view text, std::size_t at) {
  static constexpr std::pair<char, char> marks[] = {{'"', '"'}, {'`', '`'}, {'(', ')'}};
  for (const auto& [open, close] : marks)
    if (text[at] == open) return text.find(close, at + 1);
  return std::string_view::npos;
}

/// The message without what differs from file to file: its name, what is quoted, numbers.
std::string cause_of(const Finding& finding) {
  std::string message = finding.message;
  replace_all(message, finding.where.file, "*");
  replace_all(message, base_of(finding.where.file), "*");
  std::string cause;
  for (std::size_t at = 0; at < message.size(); ++at) {
    if (const std::size_t end = end_of_span(message, at); end != std::string::npos) {
      cause += '*';
      at = end;
    } else if (!is_digit(message[at])) {
      cause += message[at];
    } else if (cause.empty() || cause.back() != '#') {
      cause += '#';
    }
  }
  return cause;
}

}  // namespace

std::vector<Group> groups_of(const std::vector<Finding>& findings) {
  std::vector<Group> groups;
  std::map<std::tuple<core::Severity, std::string, std::string>, std::size_t> at;
  for (const Finding& finding : findings) {
    const auto [found, is_new] =
        at.try_emplace({finding.severity, finding.id, cause_of(finding)}, groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].findings.push_back(&finding);
  }
  return groups;
}

std::string place_of(const core::Where& where) {
  std::string place = one_line(where.file);
  if (where.line) place += fmt::format("{}{}", place.empty() ? "line " : ":", *where.line);
  if (where.line && where.column) place += fmt::format(":{}", *where.column);
  if (where.version)
    place += fmt::format("{}migration {}", place.empty() ? "" : ", ", *where.version);
  return place;
}

std::string places_of(const Group& group) {
  std::string places = place_of(group.first().where);
  const std::size_t more = group.findings.size() - 1;
  if (more == 0 || places.empty()) return places;
  places += fmt::format(" and {} more", more);
  std::string_view before = ": ";
  for (std::size_t i = 1; i < group.findings.size() && i <= places_max; ++i) {
    const core::Where& where = group.findings[i]->where;
    const std::string name = one_line(core::name_in_messages(std::string(where.file)));
    if (name.empty()) return places;
    places += fmt::format("{}{}", before, name);
    if (where.line) places += fmt::format(":{}", *where.line);
    before = ", ";
  }
  return more > places_max ? places + " …" : places;
}

}  // namespace gauntlet::report
