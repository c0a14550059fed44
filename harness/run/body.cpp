#include "harness/run/body.h"

#include <algorithm>
#include <string_view>

namespace gauntlet::run {

namespace {

/// A statement shorter than this may stand in any body.
constexpr std::size_t part_bytes_min = 12;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n;";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

}  // namespace

std::vector<Body> bodies_of(const runner::Listing& listing, const scenario::Stage& stage) {
  std::vector<Body> bodies;
  bodies.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations) {
    const std::string name = migration.up.file.filename().string();
    const bool is_new =
        std::ranges::find(stage.files, name, &scenario::File::name) != stage.files.end();
    bodies.push_back({.name = name, .sql = std::string(migration.up.sql()), .is_new = is_new});
  }
  return bodies;
}

std::vector<const Body*> bodies_sent(const core::History& history,
                                     const std::vector<Body>& bodies) {
  std::vector<const Body*> sent(history.steps.size(), nullptr);
  for (std::size_t step = 0; step < sent.size(); ++step) {
    const std::string_view sql = trimmed(history.steps[step].step.sql);
    for (const Body& body : bodies) {
      const std::string_view whole = trimmed(body.sql);
      if (whole.empty()) continue;
      const bool is_part = sql.size() >= part_bytes_min && whole.find(sql) != std::string::npos;
      if (is_part || sql.find(whole) != std::string_view::npos) sent[step] = &body;
    }
  }
  return sent;
}

const Body* refused_body(const core::History& history, const std::vector<Body>& bodies) {
  const std::vector<const Body*> sent = bodies_sent(history, bodies);
  for (std::size_t step = 0; step < sent.size(); ++step) {
    const auto& reply = history.steps[step].reply;
    if (sent[step] != nullptr && reply && reply->ending == core::Reply::Ending::refused)
      return sent[step];
  }
  return nullptr;
}

}  // namespace gauntlet::run
