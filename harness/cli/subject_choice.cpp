#include "harness/cli/subject_choice.h"

#include "harness/process/quoted_word.h"
#include "harness/trace/tracker_use.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

namespace {

run::Program reference_program(const TestCommand& command) {
  const std::string mode(command.format.runner_mode);
  fleet::Subject subject = fleet::reference_subject(mode, "5m");
  std::vector<std::string> status = {subject.command.front(), "status", "--migrations",
                                     "{migrations}"};
  return {.subject = std::move(subject),
          .told = run::Program::Told::key_and_table,
          .status = std::move(status)};
}

std::string tracker_in(const core::History& run, const runner::Listing& listing) {
  std::vector<trace::Source> sources;
  sources.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations)
    sources.push_back({.name = migration.name,
                       .version = fmt::format("{}", migration.version.number),
                       .text = std::string(migration.up.sql())});
  return trace::tracker_of(trace::read_steps(run, sources), sources).table;
}

std::optional<run::Program> named_program(const TestCommand& command) {
  if (command.processes) return reference_program(command);
  if (!command.subject_file.empty()) {
    fleet::SubjectFile file = fleet::read_subject_file(command.subject_file);
    if (command.success_codes != TestCommand().success_codes)
      file.subject.success_codes = command.success_codes;
    return run::Program{.subject = file.subject,
                        .applied_query = applied_query_of(file, command.applied_query),
                        .status = file.status,
                        .down = file.down,
                        .project = file};
  }
  if (command.runner.empty()) return std::nullopt;
  run::Program program{.subject = fleet::command_subject(command.runner, command.success_codes),
                       .applied_query = command.applied_query};
  if (command.project_format.empty()) return program;
  program.project =
      fleet::SubjectFile{.subject = program.subject, .format = command.project_format};
  return program;
}

}  // namespace

std::optional<run::Program> program_of(const TestCommand& command) {
  std::optional<run::Program> program = named_program(command);
  if (program) program->recognise_tracker = tracker_in;
  return program;
}

fleet::SubjectFile subject_file_of(const NamedRunner& named) {
  fleet::SubjectFile file;
  if (!named.subject_file.empty()) {
    file = fleet::read_subject_file(named.subject_file);
  } else {
    file.format = named.format.empty() || named.format == "auto" ? "gauntlet" : named.format;
    file.subject = named.runner.empty() ? fleet::reference_subject("directive", "5m")
                                        : fleet::command_subject(named.runner, named.success_codes);
  }
  file.timeout = named.timeout.value_or(file.timeout);
  return file;
}

const std::string& applied_query_of(const fleet::SubjectFile& subject, const std::string& flag) {
  return flag.empty() ? subject.applied_query : flag;
}

std::string named_again(const NamedRunner& named) {
  std::string flags;
  const auto add = [&](std::string_view flag, const std::string& value) {
    if (!value.empty()) flags += fmt::format(" {} {}", flag, process::quoted_word(value));
  };
  add("--runner", named.runner);
  add("--subject", named.subject_file);
  if (named.subject_file.empty()) add("--format", named.format);
  if (named.success_codes != NamedRunner().success_codes)
    flags += fmt::format(" --success-codes {}", fmt::join(named.success_codes, ","));
  return flags;
}

std::string named_again(const NamedRunner& named, const std::string& applied_query) {
  std::string words = named_again(named);
  if (!applied_query.empty()) words += " --applied-query " + process::quoted_word(applied_query);
  return words;
}

}  // namespace gauntlet::cli
