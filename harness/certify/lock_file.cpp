#include "harness/certify/lock_file.h"

#include "runner/values/error.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::certify {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view weights[] = {"fine", "wish", "harm", "undecided", "not-asked"};

template <typename Value, typename Words>
Value value_of(std::string_view word, const Words& words) {
  std::size_t at = 0;
  for (const std::string_view each : words) {
    if (each == word) return static_cast<Value>(at);
    ++at;
  }
  throw std::invalid_argument(fmt::format("`{}` is not known", word));
}

Grade grade_of(const Json& object) {
  std::vector<std::string_view> area_words;
  for (const Area area : areas()) area_words.push_back(to_string(area));
  return {.area = value_of<Area>(object.at("area").get<std::string>(), area_words),
          .what = object.at("of").get<std::string>(),
          .grade = object.at("grade").get<std::string>(),
          .why = object.at("why").get<std::string>(),
          .weight = value_of<Grade::Weight>(object.at("weight").get<std::string>(), weights),
          .replay = object.value("replay", "")};
}

JudgedPromise promise_of(const Json& object) {
  constexpr std::string_view states[] = {"kept", "broken", "not-judged"};
  return {.id = object.at("promise").get<std::string>(),
          .page = object.at("page").get<std::string>(),
          .state = value_of<JudgedPromise::State>(object.at("state").get<std::string>(), states),
          .why = object.at("why").get<std::string>()};
}

Certificate certificate_of(const Json& object) {
  if (object.at("schema").get<int>() != 1)
    throw std::invalid_argument("its schema is of a newer gauntlet");
  Certificate certificate{.runner = object.at("runner").get<std::string>(),
                          .version = object.value("version", ""),
                          .date = object.at("date").get<std::string>(),
                          .gauntlet = object.at("gauntlet").get<std::string>(),
                          .server = object.at("server").get<std::string>()};
  for (const Json& each : object.at("executables"))
    certificate.executables.push_back(
        {each.at("file").get<std::string>(), each.at("sha256").get<std::string>()});
  for (const Json& each : object.at("grades")) certificate.grades.push_back(grade_of(each));
  for (const Json& each : object.at("promises")) certificate.promises.push_back(promise_of(each));
  return certificate;
}

/// The heaviest grade of an area; null if it has none.
const Grade* heaviest(const Certificate& certificate, Area area) {
  const auto rank = [](const Grade& grade) {
    constexpr int ranks[] = {1, 3, 4, 2, 0};
    return ranks[static_cast<std::size_t>(grade.weight)];
  };
  const Grade* found = nullptr;
  for (const Grade& grade : certificate.grades)
    if (grade.area == area && (found == nullptr || rank(grade) > rank(*found))) found = &grade;
  return found;
}

}  // namespace

std::string lock_file(const Certificate& certificate) {
  Json object = {{"schema", 1},
                 {"runner", certificate.runner},
                 {"version", certificate.version},
                 {"verdict", core::to_string(certificate.verdict())},
                 {"date", certificate.date},
                 {"gauntlet", certificate.gauntlet},
                 {"server", certificate.server},
                 {"executables", Json::array()},
                 {"grades", Json::array()},
                 {"promises", Json::array()}};
  for (const Executable& each : certificate.executables)
    object["executables"].push_back({{"file", each.file}, {"sha256", each.sha256}});
  for (const Grade& grade : certificate.grades) {
    Json one = {{"area", to_string(grade.area)},
                {"of", grade.what},
                {"grade", grade.grade},
                {"weight", weights[static_cast<std::size_t>(grade.weight)]},
                {"why", grade.why}};
    if (!grade.replay.empty()) one["replay"] = grade.replay;
    object["grades"].push_back(std::move(one));
  }
  for (const JudgedPromise& promise : certificate.promises)
    object["promises"].push_back({{"promise", promise.id},
                                  {"state", to_string(promise.state)},
                                  {"page", promise.page},
                                  {"why", promise.why}});
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Certificate read_lock_file(std::string_view text, const std::string& file) {
  try {
    return certificate_of(Json::parse(text));
  } catch (const std::exception& error) {
    throw runner::Error("bad-lock-file",
                        fmt::format("it is no certificate of a runner: {}", error.what()), file,
                        "make it again: `gauntlet certify`");
  }
}

std::string stale_reason(const Certificate& certificate, const std::vector<Executable>& now) {
  const auto name = [](const std::string& file) {
    return std::filesystem::path(file).filename().string();
  };
  for (const Executable& then : certificate.executables) {
    const auto same = std::ranges::find_if(
        now, [&](const Executable& each) { return each.sha256 == then.sha256; });
    if (same != now.end()) continue;
    return fmt::format("{} is another file than the one that was judged", name(then.file));
  }
  if (certificate.executables.size() == now.size()) return {};
  return "the command names other files than the one that was judged";
}

std::string one_line(const Certificate& certificate) {
  std::string line = certificate.runner;
  if (!certificate.version.empty()) line += fmt::format(" ({})", certificate.version);
  line += fmt::format(" was certified on {}: {}", certificate.date,
                      core::to_string(certificate.verdict()));
  for (const Area area : areas())
    if (const Grade* grade = heaviest(certificate, area))
      line += fmt::format("; {} {}", to_string(area), grade->grade);
  for (const JudgedPromise& promise : certificate.promises)
    if (promise.state == JudgedPromise::State::broken)
      line += fmt::format("; broke its promise {}", promise.id);
  return line;
}

}  // namespace gauntlet::certify
