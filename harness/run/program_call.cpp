#include "harness/run/program_call.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace gauntlet::run {

namespace {

/// `down` undoes one migration: the command runs so often in a row.
std::vector<std::string> repeated(const std::vector<std::string>& command, std::int64_t times) {
  if (times == 1) return command;
  std::vector<std::string> made = {
      "sh", "-c", R"(n=$0; while [ "$n" -gt 0 ]; do "$@" || exit; n=$((n - 1)); done)",
      std::to_string(times)};
  made.insert(made.end(), command.begin(), command.end());
  return made;
}

Folder folder_of(const std::vector<scenario::File>& files) {
  Folder folder;
  for (const scenario::File& file : files)
    folder.files.push_back({.file = file.name, .bytes = file.sql, .checksum = {}});
  folder.listing = runner::list_scripts(folder.files);
  return folder;
}

}  // namespace

fleet::Subject subject_for(const Program& program, const scenario::Stage& stage,
                           const StageOptions& options) {
  fleet::Subject subject = program.subject;
  const bool tells_status = stage.call.action == scenario::Action::status;
  if (tells_status) subject.command = program.status;
  if (stage.call.action == scenario::Action::down)
    subject.command = repeated(program.down, std::max<std::int64_t>(stage.call.amount, 1));
  if (program.told == Program::Told::nothing) return subject;
  if (stage.key == scenario::Stage::Key::unique && !tells_status)
    subject.command.insert(subject.command.end(), {"--lock-key", std::to_string(options.lock_key)});
  if (!stage.table.empty())
    subject.command.insert(subject.command.end(), {"--table", std::string(stage.table)});
  return subject;
}

OtherCopy::OtherCopy(const scenario::Beside& beside, const Folder& folder, const Program& program,
                     const arena::Database& database, fleet::Subject subject)
    : folder_(folder_for(beside.call, beside.files.empty() ? folder : folder_of(beside.files),
                         program, database)),
      subject_(beside.runner.empty()
                   ? std::move(subject)
                   : fleet::command_subject(std::string(beside.runner), subject.success_codes)) {
  const scenario::Call& call = beside.call;
  if (call.action == scenario::Action::down)
    subject_.command = repeated(program.down, std::max<std::int64_t>(call.amount, 1));
  take_own_folder("{migrations}");
  // A project that `prepare` made: each release has its own.
  if (subject_.work_is_its_project) take_own_folder("{work}");
}

void OtherCopy::take_own_folder(std::string_view placeholder) {
  for (std::string& word : subject_.command) put_own_folder(placeholder, word);
  for (auto& [name, value] : subject_.environment) put_own_folder(placeholder, value);
}

void OtherCopy::put_own_folder(std::string_view placeholder, std::string& word) const {
  const std::string path = folder_.path().string();
  for (std::size_t at = word.find(placeholder); at != std::string::npos;
       at = word.find(placeholder, at + path.size()))
    word.replace(at, placeholder.size(), path);
}

}  // namespace gauntlet::run
