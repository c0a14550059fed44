// Which layout is this folder's? By signs in names and texts. Pure.
#pragma once

#include "harness/formats/format.h"

#include <string>
#include <vector>

namespace gauntlet::formats {

struct Choice {
  const Format* format = nullptr;  ///< never null
  std::string why = {};            ///< `12 of 12 files have -- +goose Up`
  bool is_sure = true;             ///< false: no sign was found
};

/// The layout with the most signs; of several with as many, the first of the table.
Choice choose(const std::vector<File>& files);

/// The tool whose migrations are code, by their files: `Alembic`; empty where none is recognised.
std::string code_tool_of(const std::vector<File>& files);

}  // namespace gauntlet::formats
