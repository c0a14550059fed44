// Rows after the run are those that single serial runs leave. It sees a migration that only changes
// data applied twice, when every replica exits 0 and the tracker is clean.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"
#include "harness/oracle/unchanged.h"

#include <algorithm>
#include <regex>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Data;
using core::Finding;
using core::TableData;

struct Comparison {
  std::size_t tables = 0;
  std::vector<Finding> findings = {};
  std::vector<std::string> left_out = {};  // tables and columns that serial runs do not agree on
};

// The table in every serial run, or nothing where one lacks it or counts other rows.
std::vector<const TableData*> calibrated(const std::vector<core::Snapshot>& serial,
                                         const std::string& table) {
  std::vector<const TableData*> runs;
  for (const core::Snapshot& run : serial) {
    const auto found = run.data->find(table);
    if (found == run.data->end() || (!runs.empty() && found->second.rows != runs.front()->rows)) {
      return {};
    }
    runs.push_back(&found->second);
  }
  return runs;
}

using Hashes = std::map<std::string, std::string>;

// The hash of a column that all serial runs agree on, or nothing.
const std::string* stable_hash(const std::vector<const TableData*>& runs, Hashes TableData::*kind,
                               const std::string& column) {
  const std::string* hash = nullptr;
  for (const TableData* run : runs) {
    const auto found = (run->*kind).find(column);
    if (found == (run->*kind).end() || (hash != nullptr && found->second != *hash)) return nullptr;
    hash = &found->second;
  }
  return hash;
}

// A column that only one side has is a difference of the schema.
bool differs(const std::string* serial, const Hashes& here, const std::string& column) {
  const auto found = here.find(column);
  return serial != nullptr && found != here.end() && found->second != *serial;
}

// A tracker's columns hold times and durations that two serial runs may share by chance. Its rows
// are counted like any other's; what they say is judged by set-equality.
bool is_tracker(const Observation& observation, const std::string& table) {
  if (!observation.applied) return false;
  const std::string& tracker = observation.applied->tracker;
  if (tracker == table) return true;
  static const std::regex source(R"((?:from|join)\s+(?:only\s+)?([\w".]+))", std::regex::icase);
  const std::string bare = table.substr(table.rfind('.') + 1);
  for (auto match = std::sregex_iterator(tracker.begin(), tracker.end(), source);
       match != std::sregex_iterator(); ++match) {
    std::string named = (*match)[1];
    std::erase(named, '"');
    if (named == table || named == bare) return true;
  }
  return false;
}

bool is_own(const Observation& observation, const std::string& table) {
  return observation.own_tables.contains(own_name_of(table)) && !is_tracker(observation, table);
}

const char* fix_for(const core::History& history) {
  return history.replicas == 1
             ? "nobody was beside it: see what it makes of the files, and in which order"
             : "hold one lock from before the pending set is read until the migration is recorded";
}

Finding rows_finding(const std::string& table, std::int64_t serial, std::int64_t here) {
  const bool more = here > serial;
  return {.id = more ? "applied-twice" : "rows-missing",
          .message = fmt::format("{} holds {} {} than a serial run leaves: {} rows, serial {}",
                                 table, more ? here - serial : serial - here,
                                 more ? "rows more" : "rows fewer", here, serial)};
}

Finding columns_finding(const std::string& what, const std::vector<std::string>& columns) {
  return {.id = "data-differs",
          .message = fmt::format("{} {} {}", what, columns.size() == 1 ? "column" : "columns",
                                 some_of(columns))};
}

void compare_columns(const std::string& table, const std::vector<const TableData*>& runs,
                     const TableData& here, Comparison& comparison) {
  std::vector<std::string> different;
  std::vector<std::string> moved;
  for (const auto& [column, _] : runs.front()->columns) {
    const std::string* serial = stable_hash(runs, &TableData::columns, column);
    if (serial == nullptr) {
      comparison.left_out.push_back(fmt::format("{}.{}", table, column));
    } else if (differs(serial, here.columns, column)) {
      different.push_back(column);
    } else if (differs(stable_hash(runs, &TableData::by_key, column), here.by_key, column)) {
      moved.push_back(column);
    }
  }
  if (!different.empty()) {
    comparison.findings.push_back(
        columns_finding(fmt::format("{} holds {} rows as after a serial run, but other values in",
                                    table, here.rows),
                        different));
  } else if (!moved.empty()) {
    comparison.findings.push_back(columns_finding(
        fmt::format("{} holds a serial run's values, but in other rows, in", table), moved));
  }
}

void compare_table(const Observation& observation, const std::string& table, const TableData& here,
                   Comparison& comparison) {
  const std::vector<const TableData*> runs = calibrated(observation.serial, table);
  if (runs.empty()) {
    comparison.left_out.push_back(table);
    return;
  }
  ++comparison.tables;
  if (here.rows != runs.front()->rows) {
    comparison.findings.push_back(rows_finding(table, runs.front()->rows, here.rows));
  } else if (!is_tracker(observation, table)) {
    compare_columns(table, runs, here, comparison);
  }
}

// Nothing, or why the comparison cannot be made.
std::string missing_for(const Observation& observation) {
  if (!observation.after) return "the database was not looked at after the run";
  if (!observation.after->data) return "the data could not be read: " + observation.after->missing;
  if (observation.serial.size() < 2) {
    return "two serial runs are needed to know which columns are stable";
  }
  for (const core::Snapshot& run : observation.serial) {
    if (!run.data) return "a serial run's data could not be read: " + run.missing;
  }
  return {};
}

}  // namespace

core::Judgement data_equals_serial(const Observation& observation) {
  if (const std::string missing = missing_for(observation); !missing.empty()) {
    return core::unknown(missing);
  }
  const Data& here = *observation.after->data;
  Comparison comparison;
  for (const auto& [table, rows] : *observation.serial.front().data) {
    if (is_own(observation, table)) continue;
    const auto found = here.find(table);
    // A table that is not there at all is a difference of the schema.
    if (found != here.end()) compare_table(observation, table, found->second, comparison);
  }
  const std::string left_out =
      comparison.left_out.empty()
          ? std::string()
          : fmt::format("not compared, since two serial runs differ there: {}",
                        some_of(comparison.left_out));
  const bool no_tables = observation.serial.front().data->empty();
  if (comparison.tables == 0 && !no_tables) {
    return core::unknown(left_out.empty() ? "no table of the serial runs is here" : left_out);
  }
  for (Finding& finding : comparison.findings) finding.fix = fix_for(observation.history);
  core::Judgement judgement = core::judged(std::move(comparison.findings));
  judgement.reason = left_out;
  return judgement;
}

}  // namespace gauntlet::oracle
