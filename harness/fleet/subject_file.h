// A subject as a file tells it: which commands make a migration tool do what, and what it reads.
#pragma once

#include "harness/fleet/fleet.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::fleet {

/// What a tool says of itself, and the page where it says so.
struct Promise {
  std::string id = {};    ///< `exactly-once`
  std::string page = {};  ///< a URL
};

/// One TOML file:
///
///     name = "dbmate"
///     format = "dbmate"                  # or: prepare = "./convert {migrations} {work}"
///     up = "dbmate --url {url} --migrations-dir {migrations} up"
///
/// and, where there is such a thing: `down`, `status`, `version` (commands), `applied_query` (a
/// query for version[, name], or, where only the newest is kept, that one as a column `newest`;
/// `auto`, as without it, recognises the common tools), `success_codes` (exit codes that mean
/// success, or that another one did it; [0]), `env` (a table), `directory` (where commands run; the
/// file's own folder), `timeout` (seconds; 60), `shell = true` (commands are a shell's; or else
/// they are split as a shell would, and nothing is expanded but our placeholders), `promises` (what
/// the tool says of itself: ids, whose page is `promises_page`, or tables {promise, page}).
struct SubjectFile {
  Subject subject = {};  ///< its command is `up`
  std::vector<std::string> down = {}, status = {}, version = {};
  std::string format = {};  ///< of the project that it reads; empty: `prepare` makes it
  std::vector<std::string> prepare = {};  ///< {work} is the folder to fill
  std::string applied_query = {};         ///< empty: recognised
  std::chrono::milliseconds timeout{60'000};
  std::vector<Promise> promises = {};
};

/// Throws: Error `unreadable-file`; `bad-subject-file` with the line, for what is no TOML, for a
/// key that is not known and for one that says nothing we understand.
SubjectFile read_subject_file(const std::filesystem::path& file);

/// Makes the project that the subject reads out of a folder of neutral files (NNN_name.up.sql and
/// .down.sql), in the empty folder `project`: that is what {migrations} stands for in its commands,
/// and {work}, too, where `prepare` filled it and `up` names nothing but {work}. Throws: Error of
/// write_project, `prepare-failed` with what the command said.
void make_project(const SubjectFile& file, const arena::Address& address,
                  const std::filesystem::path& neutral, const std::filesystem::path& project);

}  // namespace gauntlet::fleet
