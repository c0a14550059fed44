// The migrations of a stage as they lie on disk, and which of them a program's statements send.
// Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/scenario/scenario.h"
#include "runner/source/source.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::run {

/// A migration as its reader knows it.
struct Body {
  std::string name;     ///< `003_orders.up.sql`
  std::string sql;      ///< as it lies on disk
  bool is_new = false;  ///< came with this stage, and so should be applied in it
};

std::vector<Body> bodies_of(const runner::Listing& listing, const scenario::Stage& stage);

/// What a step sends of a body.
struct SentBody {
  const Body* body = nullptr;  ///< null: the step sends nothing of any
  std::string label = {};      ///< `003_orders.up.sql`, `one of 004_a.up.sql, 005_b.up.sql`
  std::size_t first = 0, last = 0, statements = 0;  ///< of the body's statements

  explicit operator bool() const { return body != nullptr; }
  bool begins() const { return first == 0; }
  bool ends() const { return last + 1 >= statements; }
};

/// By step. Of a step that sends pieces of several, the last.
std::vector<SentBody> bodies_sent(const core::History& history, const std::vector<Body>& bodies);

struct RefusedBody {
  std::string name = {}, sqlstate = {};
};
/// The first body that the server refused; nullopt if it refused none.
std::optional<RefusedBody> refused_body(const core::History& history,
                                        const std::vector<Body>& bodies);

}  // namespace gauntlet::run
