// A replica fails after the server refused a file, and its output holds neither the SQLSTATE nor
// the server's words nor the file's name: whoever is woken cannot find the cause. Asked after every
// run.
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

/// So many characters of the server's message are enough to recognise it.
constexpr std::size_t characters_shown_min = 20;

bool shows(std::string_view output, std::string_view message) {
  if (message.size() <= characters_shown_min) return output.find(message) != std::string_view::npos;
  for (std::size_t from = 0; from + characters_shown_min <= message.size(); ++from)
    if (output.find(message.substr(from, characters_shown_min)) != std::string_view::npos)
      return true;
  return false;
}

/// The file's name with or without what follows its first dot.
bool names(std::string_view output, std::string_view file) {
  return output.find(file.substr(0, file.find('.'))) != std::string_view::npos;
}

/// The last statement of a file that the server refused the replica; null if there is none.
const FileStatement* last_refused(const FileStatements& statements, std::size_t replica) {
  const FileStatement* last = nullptr;
  for (const FileStatement& each : statements.all())
    if (each.session.replica == replica && each.fate == Fate::refused) last = &each;
  return last;
}

}  // namespace

core::Judgement error_masked(const Observation& observation) {
  const core::History& history = observation.history;
  const FileStatements statements(history, observation.files);
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const core::Event* end = history.exit_of(replica);
    const bool failed = end != nullptr && end->kind == core::Event::Kind::exited &&
                        end->exit_code &&
                        std::ranges::count(observation.success_codes, *end->exit_code) == 0;
    const FileStatement* refused = failed ? last_refused(statements, replica) : nullptr;
    if (refused == nullptr || replica >= history.outputs.size()) continue;
    const core::Reply& reply = *history.steps.at(refused->step).reply;
    const std::string output = history.outputs[replica].out + "\n" + history.outputs[replica].err;
    const std::string& file = observation.files[refused->file].name;
    const bool shows_it = output.find(reply.sqlstate) != std::string::npos ||
                          shows(output, reply.message) || names(output, file);
    if (shows_it) continue;
    const std::string said = last_lines(history, replica);
    return core::judged(
        {{.id = "error-masked",
          .message =
              fmt::format("the server refused {} of replica {} with \"{}\" (SQLSTATE {}), and "
                          "the replica {} without showing any of it{}",
                          file, replica, reply.message, reply.sqlstate, ending_of(*end),
                          said.empty() ? "; it said nothing" : "; it said last:\n" + said),
          .where = {.file = file, .version = observation.files[refused->file].version},
          .fix = "report the first error; roll back before anything else is sent, such as the "
                 "unlock"}});
  }
  return {};
}

}  // namespace gauntlet::oracle
