// What may be let go at a moment at which nothing moves by itself, and what was chosen. Values; no
// effects.
#pragma once

#include "harness/core/step.h"
#include "harness/explore/footprint.h"
#include "harness/sql/contested.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::explore {

/// One session that may be let go on.
struct Option {
  enum class What {
    step,        ///< a statement crosses to the server
    wait,        ///< a client stops waiting: a notification is delivered, or its timer expires
    close,       ///< the session ends, and the server releases what it holds
    victim,      ///< of a deadlock: the server cancels this session's statement
    overlap,     ///< two sessions' statements cross, and are inside the server at the same instant
    die_before,  ///< the replica dies before the statement crosses
    die_after,   ///< the replica dies once it has seen the reply
    lose_reply,  ///< the statement is executed, and the connection ends before the reply
  };
  /// Of an overlap: the other session's statement, and on what the two collide.
  struct Beside {
    core::SessionId session = {};
    std::uint64_t fingerprint = 0;
    std::string text = {};
    sql::Contested on = {};
  };

  core::SessionId session = {};
  What what = What::step;
  std::string text = {};          ///< for a reader: the statement on one line, shortened
  std::uint64_t fingerprint = 0;  ///< of the whole statement, what varies from run to run masked
  /// Of a wait: its timer has expired so often in a row, and nothing else has happened.
  std::size_t expired = 0;
  std::optional<Beside> beside = {};  ///< of an overlap
  /// Of a step: what the statement touches; null: it may touch everything.
  std::shared_ptr<const Footprint> footprint = {};
};

/// What became of an overlap.
enum class Met {
  not_held,  ///< nothing could hold the two: another session's lock was in the way
  apart,     ///< one of them ended, and never came to what they collide on
  inside,    ///< both were inside the server at the same instant
  ordered,   ///< one of them waited for a lock of another session: a lock orders the two
};

/// A moment at which every replica is held, blocked, waiting or finished.
struct Point {
  std::vector<Option> options = {};      ///< in the order of their sessions; never empty
  std::optional<std::size_t> last = {};  ///< the replica that was let go last; absent at the start
};

/// The preemptions that an option costs. A switch away from a replica that could go on costs one.
/// It costs none if that replica is blocked, waits in the client, or has finished. A client's timer
/// that expires although a replica could go on costs one, and the next ones in a row cost none. An
/// overlap costs none: no replica is left, and to bring two to it costs what it costs.
std::size_t preemptions_of(const Point& point, std::size_t option);

/// What a scheduler without preemptions does: it lets the last replica go on. If it cannot, the
/// next replica that does not wait follows, and then the next one that waits. Never an overlap.
/// Returns a position.
std::size_t default_option(const Point& point);

/// What was let go: enough to find the same option again.
struct Choice {
  core::SessionId session = {};
  Option::What what = Option::What::step;
  std::uint64_t fingerprint = 0;
  /// Of an overlap.
  std::optional<core::SessionId> beside = {};
  std::uint64_t beside_fingerprint = 0;

  friend bool operator==(const Choice&, const Choice&) = default;
};
Choice choice_of(const Option& option);

/// The position of the choice among the options; nullopt if it is not there.
std::optional<std::size_t> find(const Point& point, const Choice& choice);

/// One moment of a run: what could be let go, and what was.
struct Moment {
  Point point = {};
  std::size_t chosen = 0;
  Met met = Met::not_held;  ///< of an overlap

  const Option& option() const { return point.options.at(chosen); }
};

/// Does a session go on by this option, and nothing else happen?
bool goes_on_alone(const Option& option);
/// A replica dies, or its connection is lost.
bool is_fault(Option::What what);
using Moments = std::vector<Moment>;

/// The preemptions of a whole run.
std::size_t preemptions_in(const Moments& moments);
/// How often two statements were let go together.
std::size_t overlaps_in(const Moments& moments);
/// The replica that was harmed; nullopt if none was.
std::optional<std::size_t> harmed_in(const Moments& moments);

std::string_view to_string(Option::What what);

}  // namespace gauntlet::explore
