// A saved schedule: a text that a person can read and that `gauntlet replay` follows step by step.
// Pure, so safe on any thread.
#pragma once

#include "harness/explore/choice.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::explore {

/// What is applied, by whom, and in which order the replicas went on.
struct Schedule {
  std::string subject = {};  ///< `reference`, `processes`, `mutant NAME`, `runner CMD`, `file FILE`
  std::string scenario = {};  ///< id in the catalogue; empty where `files` are the fixture
  std::string stage = {};     ///< the stage that was explored
  std::size_t replicas = 2;
  std::string lock = {};        ///< the reference runner's lock mode; empty: the stage's own
  std::size_t first_files = 0;  ///< only so many of the stage's migrations; 0: all
  std::string format = {};      ///< of a program: the layout that it reads; empty: gauntlet
  std::string applied_query = {}, success_codes = {};  ///< of a program; empty: the usual ones
  std::string server = {};                 ///< version of the server on which it was found
  std::string verdict = {};                ///< `violated`
  std::vector<std::string> findings = {};  ///< their ids

  struct File {
    std::string name, text;
    friend bool operator==(const File&, const File&) = default;
  };
  std::vector<File> files = {};  ///< a user's own migrations

  struct Step {
    Choice choice = {};
    std::string text = {};       ///< for the reader
    bool is_preemption = false;  ///< for the reader
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::vector<Step> steps = {};
};

std::string to_text(const Schedule& schedule);

/// Throws: runner::Error `bad-schedule` with the line that is wrong.
Schedule read_schedule(std::string_view text);

std::vector<Schedule::Step> steps_of(const Moments& moments);

/// For a reader: the statement, or the two of an overlap.
std::string text_of(const Option& option);

}  // namespace gauntlet::explore
