// A sweep's results as a matrix of points and harms: text, JSON, a page. Pure.
#pragma once

#include "harness/core/report.h"
#include "harness/crash/outcome.h"
#include "harness/fault/harm.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::crash {

struct MatrixCell {
  Outcome outcome = Outcome::not_done;
  std::string why = {};
  bool was_running = false;
  double seconds = 0;
  std::string replay = {};
};

struct MatrixRow {
  std::string id = {}, label = {};
  bool outside_transaction = false;
  std::vector<std::string> same = {};
  std::vector<std::optional<MatrixCell>> cells = {};  ///< by harm; absent: not asked for
};

struct Matrix {
  std::string subject = {}, server = {};
  std::vector<fault::Harm> harms = {};
  std::vector<MatrixRow> rows = {};
  std::vector<std::string> notes = {};
  double seconds = 0;
};

/// The rows, a legend, and one line for each cell that broke.
std::string text(const Matrix& matrix);
/// A report: a result a row; a violated cell is a finding, a silent stop a warning.
core::Report report_of(const Matrix& matrix, std::uint64_t seed);
/// The report's JSON, with the whole matrix under `matrix`.
std::string json(const Matrix& matrix, const core::Report& report);
std::string html(const Matrix& matrix);

}  // namespace gauntlet::crash
