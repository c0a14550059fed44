#include "harness/cli/subject_choice.h"

#include "harness/fleet/subject_file.h"
#include "harness/formats/format.h"

namespace gauntlet::cli {

namespace {

run::Program reference_program(const TestCommand& command) {
  const std::string mode(command.format.runner_mode);
  fleet::Subject subject = fleet::reference_subject(mode, "5m");
  std::vector<std::string> status = {subject.command.front(), "status", "--migrations",
                                     "{migrations}"};
  return {.subject = std::move(subject),
          .told = run::Program::Told::key_and_table,
          .has_marker = command.format.marker,
          .status = std::move(status)};
}

/// Do files of this layout have a marker for "no transaction"?
bool knows_a_marker(const std::string& project_format) {
  const formats::Format* format = formats::find_format(project_format);
  return format != nullptr && format->marker;
}

}  // namespace

std::optional<run::Program> program_of(const TestCommand& command) {
  if (command.processes) return reference_program(command);
  if (!command.subject_file.empty()) {
    fleet::SubjectFile file = fleet::read_subject_file(command.subject_file);
    if (command.success_codes != TestCommand().success_codes)
      file.subject.success_codes = command.success_codes;
    return run::Program{
        .subject = file.subject,
        .applied_query = command.applied_query.empty() ? file.applied_query : command.applied_query,
        .has_marker = !file.prepare.empty() || knows_a_marker(file.format),
        .status = file.status,
        .project = file};
  }
  if (command.runner.empty()) return std::nullopt;
  run::Program program{.subject = fleet::command_subject(command.runner, command.success_codes),
                       .applied_query = command.applied_query,
                       .has_marker = knows_a_marker(command.project_format)};
  if (command.project_format.empty()) return program;
  program.project =
      fleet::SubjectFile{.subject = program.subject, .format = command.project_format};
  return program;
}

}  // namespace gauntlet::cli
