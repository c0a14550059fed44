#include "harness/run/body.h"

#include "harness/sql/which_file.h"

#include <algorithm>

namespace gauntlet::run {

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

std::vector<SentBody> bodies_sent(const core::History& history, const std::vector<Body>& bodies) {
  std::vector<sql::Body> files;
  files.reserve(bodies.size());
  for (const Body& body : bodies) files.push_back({.name = body.name, .sql = body.sql});
  const sql::Bodies read(files);
  const auto origins = sql::origins_of(history, read);
  std::vector<SentBody> sent(history.steps.size());
  for (std::size_t step = 0; step < sent.size(); ++step) {
    for (const auto& origin : origins[step]) {
      if (!origin) continue;
      const bool goes_on = sent[step].body == &bodies[origin->file];
      sent[step] = {.body = &bodies[origin->file],
                    .label = sql::label_of(*origin, read),
                    .first = goes_on ? sent[step].first : origin->statement,
                    .last = origin->statement,
                    .statements = origin->statements};
    }
  }
  return sent;
}

std::optional<RefusedBody> refused_body(const core::History& history,
                                        const std::vector<Body>& bodies) {
  const std::vector<SentBody> sent = bodies_sent(history, bodies);
  for (std::size_t step = 0; step < sent.size(); ++step) {
    const auto& reply = history.steps[step].reply;
    if (sent[step] && reply && reply->ending == core::Reply::Ending::refused)
      return RefusedBody{.name = sent[step].body->name, .sqlstate = reply->sqlstate};
  }
  return std::nullopt;
}

}  // namespace gauntlet::run
