// What is known of a runner once it was judged on our own migrations: its grades, what broke, and
// which of its own promises it kept. Values and pure functions; any thread.
#pragma once

#include "harness/core/report.h"
#include "harness/core/verdict.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::certify {

enum class Area { lock, crash, replicas, pooler, drift, tracker, reader };
std::string_view to_string(Area area);
/// All of them, in the order in which they are judged and printed.
const std::vector<Area>& areas();

/// One thing that was judged.
struct Grade {
  enum class Weight {
    fine,
    wish,       ///< we wish it were otherwise; no data is harmed: a warning
    harm,       ///< data or records were harmed: a violation
    undecided,  ///< it was tried, and nothing could be decided
    not_asked,  ///< it cannot be asked of this runner, or on this machine
  };

  Area area = Area::lock;
  std::string what = {};   ///< `lock-is-noop`, `edited`
  std::string grade = {};  ///< `needed`, `ignored`
  std::string why = {};    ///< one sentence
  Weight weight = Weight::fine;
  std::string replay = {};  ///< the command that repeats it; may be empty
};

/// A promise of the tool's own, held to the grades.
struct JudgedPromise {
  enum class State { kept, broken, not_judged };

  std::string id = {}, page = {};
  State state = State::not_judged;
  std::string why = {};  ///< which grade it rests on
};
std::string_view to_string(JudgedPromise::State state);

/// A file that the runner's command starts or reads, and the SHA-256 of its bytes.
struct Executable {
  std::string file = {}, sha256 = {};

  friend bool operator==(const Executable&, const Executable&) = default;
};

struct Certificate {
  std::string runner = {}, version = {};  ///< the version is empty where no command says it
  std::vector<Executable> executables = {};
  std::string date = {};                   ///< `2026-11-30`
  std::string gauntlet = {}, server = {};  ///< versions
  std::vector<Grade> grades = {};
  std::vector<JudgedPromise> promises = {};

  /// violated by harm or a broken promise; unknown where something is undecided, or nothing was
  /// judged.
  core::Verdict verdict() const;
};

/// A result an area (`certify/lock`), and one a promise (`promise/exactly-once`).
core::Report report_of(const Certificate& certificate, std::uint64_t seed);
/// Promises first, then what harms, then what we wish, then every grade.
std::string markdown(const Certificate& certificate);

}  // namespace gauntlet::certify
