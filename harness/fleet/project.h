// Migration folders in the conventions of the common tools: our neutral files become the project
// that a tool reads.
#pragma once

#include "runner/source/source.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::fleet {

/// What a project consists of: files, by their path within it.
using ProjectFiles = std::map<std::string, std::string>;

/// A tool's conventions, as a writer of files.
struct ProjectFormat {
  std::string_view name;
  std::string_view sentence;  ///< what its files look like
  ProjectFiles (*files)(const std::vector<runner::Migration>& migrations);
};

/// gauntlet, golang-migrate, dbmate, goose, node-pg-migrate, sqitch, plain.
const std::vector<ProjectFormat>& project_formats();
const ProjectFormat* find_project_format(std::string_view name);  ///< null if unknown

/// Writes the migrations of the folder `neutral` (NNN_name.up.sql, and .down.sql) into `project` as
/// `format` wants them.
/// Throws: Error of read_folder and refuse_problems; `cannot-write`.
void write_project(const ProjectFormat& format, const std::filesystem::path& neutral,
                   const std::filesystem::path& project);

}  // namespace gauntlet::fleet
