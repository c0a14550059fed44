#include "harness/cli/subject_choice.h"

#include "harness/fleet/subject_file.h"

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

}  // namespace gauntlet::cli
