#include "harness/fleet/fleet.h"
#include "runner/values/error.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace gauntlet::fleet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view placeholder_letters = "abcdefghijklmnopqrstuvwxyz_";

/// The reference runner's program, or an empty path.
fs::path find_reference_runner() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here writes the environment.
  if (const char* named = std::getenv("GAUNTLET_MIGRATE"); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code ignored;
  const fs::path beside =
      fs::read_symlink("/proc/self/exe", ignored).parent_path() / "gauntlet-migrate";
  return access(beside.c_str(), X_OK) == 0 ? beside : fs::path();
}

/// libpq lets these win over PGHOST and PGDATABASE: a program would migrate somebody's real
/// database.
std::vector<std::string> without_foreign_addresses() {
  std::vector<std::string> words;
  for (const char* name : {"PGSERVICE", "PGHOSTADDR"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here writes the environment.
    if (std::getenv(name) == nullptr) continue;
    words.insert(words.end(), {"-u", name});
  }
  if (!words.empty()) words.insert(words.begin(), "env");
  return words;
}

/// The name in `{name}` that starts at `at`; empty where none does.
std::string placeholder_at(const std::string& word, std::size_t at) {
  if (word[at] != '{') return {};
  const std::size_t end = word.find_first_not_of(placeholder_letters, at + 1);
  if (end == std::string::npos || word[end] != '}') return {};
  return word.substr(at + 1, end - at - 1);
}

const std::string& value_of(const std::string& name, const Values& values,
                            const std::string& word) {
  const auto value = values.find(name);
  if (value != values.end()) return value->second;
  std::vector<std::string> known;
  for (const auto& [each, ignored] : values) known.push_back("{" + each + "}");
  throw runner::Error("unknown-placeholder", fmt::format("{{{}}} stands for nothing here", name),
                      word,
                      fmt::format("use one of {}, or write {{{{{}}}}} for the text itself",
                                  fmt::join(known, " "), name));
}

Values no_values() {
  return {{"url", ""},      {"host", ""},       {"port", ""}, {"user", ""}, {"password", ""},
          {"database", ""}, {"migrations", ""}, {"work", ""}, {"path", ""}};
}

}  // namespace

Subject reference_subject(const std::string& no_transaction_mode,
                          const std::string& statement_timeout) {
  const fs::path program = find_reference_runner();
  if (program.empty()) {
    throw runner::Error("no-runner", "gauntlet-migrate does not lie beside this program",
                        fs::read_symlink("/proc/self/exe").string(),
                        "install both, or name it in GAUNTLET_MIGRATE, or give --runner CMD");
  }
  Subject subject{.name = "gauntlet-migrate",
                  .command = {program.string(), "up", "--migrations", "{migrations}",
                              "--no-transaction", no_transaction_mode}};
  if (!statement_timeout.empty())
    subject.command.insert(subject.command.end(), {"--statement-timeout", statement_timeout});
  return subject;
}

Subject command_subject(const std::string& command_line, std::vector<int> success_codes) {
  Subject subject{.name = command_line,
                  .command = process::split_command(command_line),
                  .success_codes = std::move(success_codes),
                  .directory = fs::current_path()};
  for (const std::string& word : subject.command) static_cast<void>(expand(word, no_values()));
  return subject;
}

std::string expand(const std::string& word, const Values& values) {
  std::string expanded;
  for (std::size_t at = 0; at < word.size();) {
    const std::string name = placeholder_at(word, at);
    const std::size_t after = at + name.size() + 2;
    if (name.empty() || (at > 0 && word[at - 1] == '$')) {
      expanded += word[at++];
    } else if (at > 0 && word[at - 1] == '{' && word[after] == '}') {
      expanded += name + "}";
      at = after + 1;
    } else {
      expanded += value_of(name, values, word);
      at = after;
    }
  }
  return expanded;
}

bool names(const Subject& subject, const std::string& placeholder) {
  constexpr char mark = '\1';
  Values values = no_values();
  values[placeholder] = mark;
  const auto is_named_in = [&](const std::string& word) {
    return expand(word, values).find(mark) != std::string::npos;
  };
  return std::any_of(subject.command.begin(), subject.command.end(), is_named_in) ||
         std::any_of(subject.environment.begin(), subject.environment.end(),
                     [&](const auto& variable) { return is_named_in(variable.second); });
}

Values placeholder_values(const arena::Address& address, const fs::path& migrations,
                          const fs::path& work) {
  return {{"url", address.url()},           {"host", address.host()},
          {"port", address.port()},         {"user", address.user()},
          {"password", address.password()}, {"database", address.database()},
          {"migrations", migrations},       {"work", work},
          {"path", address.file().string()}};
}

process::Command command_of(const Subject& subject, const arena::Address& address,
                            const Values& values) {
  Values meant = values;
  if (subject.work_is_its_project) meant["work"] = meant.at("migrations");
  process::Command command{
      .argv = without_foreign_addresses(),
      .environment = subject.environment,
      .directory = subject.directory.empty() ? fs::path(meant.at("work")) : subject.directory};
  for (const std::string& word : subject.command) command.argv.push_back(expand(word, meant));
  for (auto& [name, value] : command.environment) value = expand(value, meant);
  for (const auto& [name, value] : address.environment()) command.environment[name] = value;
  return command;
}

namespace {

void replace_all(std::string& text, const std::string& part, std::string_view by) {
  if (part.empty()) return;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + by.size())) {
    text.replace(at, part.size(), by);
  }
}

/// The password as the address's URL spells it: percent-encoded.
std::string password_in_url(const std::string& url) {
  const std::size_t end = url.find('@');
  const std::size_t user = url.find("://");
  if (end == std::string::npos || user == std::string::npos) return {};
  const std::size_t colon = url.find(':', user + 3);
  return colon < end ? url.substr(colon + 1, end - colon - 1) : std::string();
}

}  // namespace

std::string without_password(std::string text, const arena::Address& address) {
  replace_all(text, address.password(), "***");
  replace_all(text, password_in_url(address.url()), "***");
  return text;
}

}  // namespace gauntlet::fleet
