#include "harness/fleet/subject_file.h"

#include "harness/core/files.h"
#include "harness/formats/folder.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

namespace gauntlet::fleet {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 15> keys = {
    "name",    "format",        "prepare",       "up",  "down",      "status",
    "version", "applied_query", "success_codes", "env", "directory", "timeout",
    "shell",   "promises",      "promises_page"};

/// Reads one table; everything it does not like is told with the line.
class Reading {
 public:
  Reading(const fs::path& file, const toml::table& table) : file_(file), table_(table) {}

  SubjectFile read() {
    refuse_unknown_keys();
    shell_ = value<bool>("shell", "true or false").value_or(false);
    SubjectFile read;
    read.subject.name = required("name", "a name for reports");
    read.subject.command = command("up", required("up", "the command that applies migrations"));
    read.down = optional_command("down");
    read.status = optional_command("status");
    read.version = optional_command("version");
    read.prepare = optional_command("prepare");
    read.format = value<std::string>("format", "a text").value_or("");
    require_a_project(read);
    read.applied_query = value<std::string>("applied_query", "a query").value_or("");
    if (read.applied_query == "auto") read.applied_query.clear();
    read.subject.success_codes = exits();
    read.subject.environment = environment();
    read.promises = promises();
    const fs::path folder = fs::absolute(file_).parent_path();
    read.subject.directory = folder / value<std::string>("directory", "a path").value_or("");
    if (const auto seconds = value<std::int64_t>("timeout", "seconds")) {
      if (*seconds <= 0) throw bad("timeout", "a run must be given some time: whole seconds");
      read.timeout = std::chrono::seconds(*seconds);
    }
    read.subject.work_is_its_project =
        !read.prepare.empty() && names(read.subject, "work") && !names(read.subject, "migrations");
    return read;
  }

 private:
  runner::Error bad(const std::string& key, const std::string& what) const {
    const toml::node* node = table_.get(key);
    const auto line = node == nullptr ? 0 : node->source().begin.line;
    return {"bad-subject-file", fmt::format("`{}`: {}", key, what),
            line == 0 ? file_.string() : fmt::format("{}:{}", file_.string(), line),
            fmt::format("a subject file has the keys {}", fmt::join(keys, ", "))};
  }

  void refuse_unknown_keys() const {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::find(keys.begin(), keys.end(), name) == keys.end())
        throw bad(name, "there is no such key");
    }
  }

  template <typename Value>
  std::optional<Value> value(const std::string& key, std::string_view wanted) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    if (auto read = node->value_exact<Value>()) return read;
    throw bad(key, fmt::format("it must be {}", wanted));
  }

  std::string required(const std::string& key, std::string_view wanted) const {
    const auto read = value<std::string>(key, "a text");
    if (!read || read->empty()) throw bad(key, fmt::format("it is missing: {}", wanted));
    return *read;
  }

  Words command(const std::string& key, const std::string& line) const {
    try {
      // command_subject() reads it as --runner is read: the same words, the same complaints.
      const Words words = command_subject(line, {0}).command;
      return shell_ ? Words{"/bin/sh", "-c", line} : words;
    } catch (const runner::Error& error) {
      if (shell_ && error.code() == "bad-command") return {"/bin/sh", "-c", line};
      throw bad(key, error.message());
    }
  }

  Words optional_command(const std::string& key) const {
    const auto line = value<std::string>(key, "a command");
    return line ? command(key, *line) : Words();
  }

  void require_a_project(const SubjectFile& read) const {
    if (read.format.empty() == read.prepare.empty())
      throw bad(read.format.empty() ? "format" : "prepare",
                "one of `format` and `prepare` tells how the runner's project is made");
    if (read.format.empty() || formats::find_format(read.format) != nullptr) return;
    Words known;
    for (const auto& format : formats::formats()) known.emplace_back(format.name);
    throw bad("format", fmt::format("there is no format `{}`; there are {}", read.format,
                                    fmt::join(known, ", ")));
  }

  std::vector<int> exits() const {
    const toml::node* node = table_.get("success_codes");
    if (node == nullptr) return {0};
    std::vector<int> codes;
    if (const toml::array* array = node->as_array())
      for (const toml::node& each : *array)
        codes.push_back(static_cast<int>(each.value_exact<std::int64_t>().value_or(-1)));
    for (const int code : codes)
      if (code < 0 || code > 255) codes.clear();
    if (codes.empty()) throw bad("success_codes", "it must be exit codes from 0 to 255: [0, 3]");
    return codes;
  }

  std::map<std::string, std::string> environment() const {
    std::map<std::string, std::string> variables;
    const toml::node* node = table_.get("env");
    if (node == nullptr) return variables;
    const toml::table* table = node->as_table();
    if (table == nullptr) throw bad("env", "it must be a table of texts: {PGAPPNAME = \"x\"}");
    for (const auto& [key, each] : *table) {
      const auto text = each.value_exact<std::string>();
      if (!text) throw bad("env", fmt::format("{} must be a text", key.str()));
      variables[std::string(key.str())] = *text;
    }
    return variables;
  }

  std::vector<Promise> promises() const {
    const toml::node* node = table_.get("promises");
    if (node == nullptr) return {};
    const toml::array* array = node->as_array();
    if (array == nullptr) throw bad("promises", "it must be a list of texts: [\"exactly-once\"]");
    const std::string page = value<std::string>("promises_page", "a URL").value_or("");
    std::vector<Promise> read;
    for (const toml::node& each : *array) {
      Promise promise{.id = each.value_exact<std::string>().value_or(""), .page = page};
      if (const toml::table* one = each.as_table())
        promise = {.id = (*one)["promise"].value_or(std::string()),
                   .page = (*one)["page"].value_or(page)};
      if (promise.id.empty())
        throw bad("promises", "each must be a text, or {promise = \"…\", page = \"…\"}");
      if (promise.page.empty())
        throw bad("promises", fmt::format("`{}` needs the page where the tool says so: write "
                                          "`promises_page = \"https://…\"`",
                                          promise.id));
      read.push_back(std::move(promise));
    }
    return read;
  }

  const fs::path& file_;
  const toml::table& table_;
  bool shell_ = false;
};

}  // namespace

SubjectFile read_subject_file(const fs::path& file) {
  try {
    const toml::table table = toml::parse(core::read_file(file), file.string());
    return Reading(file, table).read();
  } catch (const toml::parse_error& error) {
    throw runner::Error("bad-subject-file", std::string(error.description()),
                        fmt::format("{}:{}", file.string(), error.source().begin.line),
                        "correct the file: https://toml.io tells how");
  }
}

void make_project(const SubjectFile& file, const arena::Address& address, const fs::path& neutral,
                  const fs::path& project) {
  if (!file.format.empty())
    return formats::write_project(*formats::find_format(file.format), neutral, project);
  Subject subject = file.subject;
  subject.command = file.prepare;
  subject.work_is_its_project = false;
  const auto done = process::run(
      command_of(subject, address, placeholder_values(address, fs::absolute(neutral), project)),
      file.timeout);
  if (done.exit.ok()) return;
  throw runner::Error(
      "prepare-failed",
      fmt::format("the command that makes the project failed: {}", done.exit.text()),
      fmt::format("{}", fmt::join(file.prepare, " ")),
      without_password(done.err.empty() ? done.out : done.err, address));
}

}  // namespace gauntlet::fleet
