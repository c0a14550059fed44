// The migrations as files, in whatever tool's form: only so far that a statement is recognised as
// coming from one of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gauntlet::trace {

struct Source {
  std::string name = {};     ///< the file's, without folder and extension
  std::string version = {};  ///< the digits that it begins with, leading zeros aside
  std::string text = {};     ///< its SQL
  std::string code = {};     ///< the file where it is in another language
};

/// The files of a folder and its folders that apply something, in order of their versions.
/// Throws: Error `no-such-folder`.
std::vector<Source> read_sources(const std::filesystem::path& folder);

/// A project's sources, each with the SQL of the neutral file of its version: a project's file may
/// read its SQL from there, hold it in another language's quotes, or hold more than one direction.
std::vector<Source> with_neutral(std::vector<Source> project, const std::vector<Source>& neutral);

}  // namespace gauntlet::trace
