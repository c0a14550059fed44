#include "harness/schedule/checkpoint.h"

#include "harness/core/files.h"

#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::schedule {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int version = 1;

json json_of(const SearchResult& result) {
  json pairs = json::object();
  for (const auto& [name, pair] : result.pairs)
    pairs[name] = {pair.tried, pair.overlapped, pair.ordered};
  return {{"schedules", result.schedules},
          {"undecided", result.undecided},
          {"diverged", result.diverged},
          {"first_undecided", result.first_undecided},
          {"first_divergence", result.first_divergence},
          {"outcomes", result.outcomes},
          {"pairs", std::move(pairs)},
          {"seconds", result.seconds.count()}};
}

SearchResult result_in(const json& saved) {
  SearchResult result{.schedules = saved.at("schedules"),
                      .undecided = saved.at("undecided"),
                      .diverged = saved.at("diverged"),
                      .first_undecided = saved.at("first_undecided"),
                      .first_divergence = saved.at("first_divergence"),
                      .outcomes = saved.at("outcomes").get<std::set<std::string>>()};
  for (const auto& [name, pair] : saved.at("pairs").items())
    result.pairs[name] = {.tried = pair.at(0), .overlapped = pair.at(1), .ordered = pair.at(2)};
  result.seconds = std::chrono::duration<double>(saved.at("seconds").get<double>());
  return result;
}

runner::Error bad(const fs::path& file, const std::string& why) {
  return {"bad-checkpoint", "the checkpoint cannot be read: " + why, file.string(),
          "remove the file, and the search begins anew"};
}

}  // namespace

std::optional<SearchResult> Checkpoint::take(explore::Bounded& strategy) const {
  std::error_code none;
  if (!fs::exists(file_, none)) return std::nullopt;
  try {
    const json saved = json::parse(core::read_file(file_));
    if (saved.at("checkpoint") != version)
      throw bad(file_, fmt::format("it is not of version {}", version));
    if (saved.at("search") != search_)
      throw runner::Error("checkpoint-of-another-search", "the checkpoint is of another search",
                          fmt::format("{} is of: {}; this search is: {}", file_.string(),
                                      saved.at("search").get<std::string>(), search_),
                          "name another file with --checkpoint, or remove this one");
    strategy.take(saved.at("strategy"));
    return result_in(saved.at("result"));
  } catch (const json::exception& error) {
    throw bad(file_, error.what());
  } catch (const std::out_of_range& error) {
    throw bad(file_, error.what());
  }
}

void Checkpoint::write(const explore::Bounded& strategy, const SearchResult& so_far) const {
  const json saved{{"checkpoint", version},
                   {"search", search_},
                   {"result", json_of(so_far)},
                   {"strategy", strategy.to_json()}};
  const fs::path beside = file_.string() + ".new";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << saved.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  out.close();
  std::error_code failed;
  if (out) fs::rename(beside, file_, failed);
  if (out && !failed) return;
  throw runner::Error("cannot-write", "the checkpoint cannot be written", file_.string(),
                      "name a file in a folder that is there with --checkpoint");
}

}  // namespace gauntlet::schedule
