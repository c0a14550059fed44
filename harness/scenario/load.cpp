#include "harness/scenario/load.h"

#include "runner/error.h"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

namespace gauntlet::scenario {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t replicas_max = 200;

/// One file being read: what it says, and where it says it.
class Reading {
 public:
  Reading(const fs::path& file, const std::vector<std::string_view>& oracles, Loaded& loaded)
      : file_(file), oracles_(oracles), loaded_(loaded) {}

  void read(const toml::table& root) {
    Scenario& scenario = loaded_.scenario;
    only_keys(root, {"id", "claim", "why", "patience", "stage"});
    scenario.id = kept(text_of(root, "id"));
    scenario.claim = kept(text_of(root, "claim"));
    scenario.why = kept(text_of(root, "why"));
    if (const auto patience = time_of(root, "patience")) scenario.patience = *patience;
    const toml::node* stages = root.get("stage");
    if (stages == nullptr || !stages->is_array_of_tables())
      refuse(root, "there is no `[[stage]]`: a scenario runs at least one");
    for (const toml::node& stage : *stages->as_array())
      scenario.stages.push_back(stage_of(*stage.as_table()));
  }

 private:
  Stage stage_of(const toml::table& table) {
    only_keys(table, {"name", "migrations", "files", "prepare", "replicas", "arrival",
                      "connections", "table", "foreign_lock", "oracles"});
    Stage stage{.name = kept(text_of(table, "name"))};
    stage.files = files_of(table);
    if (table.contains("prepare")) stage.prepare = kept(text_of(table, "prepare"));
    if (const auto replicas = number_of(table, "replicas", 1)) stage.replicas = *replicas;
    if (const auto connections = number_of(table, "connections", 0))
      stage.connections = *connections;
    if (table.contains("table")) stage.table = kept(text_of(table, "table"));
    if (table.contains("arrival")) stage.arrival = arrival_of(table);
    if (const auto window = time_of(table, "foreign_lock"))
      stage.foreign_lock = ForeignLock{.window = *window};
    stage.oracles = oracles_of(table);
    return stage;
  }

  Arrival arrival_of(const toml::table& table) const {
    const std::string word = text_of(table, "arrival");
    if (word == "together") return Arrival::together;
    if (word == "staggered") return Arrival::staggered;
    refuse(*table.get("arrival"),
           fmt::format("`{}` is no arrival; there are together and staggered", word));
  }

  std::vector<std::string_view> oracles_of(const toml::table& table) {
    const toml::node* node = table.get("oracles");
    if (node == nullptr || !node->is_array() || node->as_array()->empty())
      refuse(table, "`oracles` names what judges the stage, and is missing or empty");
    std::vector<std::string_view> chosen;
    for (const toml::node& each : *node->as_array()) {
      const std::string id = each.value<std::string>().value_or("");
      const auto known = std::ranges::find(oracles_, id);
      if (known == oracles_.end())
        refuse(each,
               fmt::format("there is no oracle `{}`; there are {}", id, fmt::join(oracles_, ", ")));
      chosen.push_back(*known);
    }
    return chosen;
  }

  /// Of a folder beside the file, and those written into it.
  std::vector<File> files_of(const toml::table& table) const {
    std::vector<File> files;
    if (table.contains("migrations")) {
      const fs::path folder = file_.parent_path() / text_of(table, "migrations");
      for (const fs::path& each : folder_of(folder, *table.get("migrations")))
        files.push_back({each.filename().string(), bytes_of(each)});
    }
    const toml::node* written = table.get("files");
    if (written == nullptr) return files;
    if (!written->is_table()) refuse(*written, "`files` is a table: name = \"SQL\"");
    for (const auto& [name, sql] : *written->as_table()) {
      if (!sql.is_string()) refuse(sql, fmt::format("file `{}` is no text", name.str()));
      files.push_back({std::string(name.str()), sql.as_string()->get()});
    }
    return files;
  }

  std::vector<fs::path> folder_of(const fs::path& folder, const toml::node& node) const {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.is_regular_file()) files.push_back(entry.path());
    if (error) refuse(node, fmt::format("{}: {}", folder.string(), error.message()));
    std::ranges::sort(files);
    return files;
  }

  static std::string bytes_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
      throw runner::Error("unreadable-file", "there is no such file, or it cannot be read",
                          file.string(), "name a file that this user may read");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  void only_keys(const toml::table& table, std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : table) {
      if (std::ranges::find(known, key.str()) == known.end())
        refuse(value, fmt::format("`{}` is not known here; there are {}", key.str(),
                                  fmt::join(known, ", ")));
    }
  }

  std::string text_of(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) refuse(table, fmt::format("`{}` is missing", key));
    const auto text = node->value_exact<std::string>();
    if (!text || text->empty()) refuse(*node, fmt::format("`{}` is a text, and not empty", key));
    return *text;
  }

  std::optional<std::size_t> number_of(const toml::table& table, std::string_view key,
                                       std::size_t least) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    const auto number = node->value_exact<std::int64_t>();
    const auto from = static_cast<std::int64_t>(least);
    if (!number || *number < from || *number > static_cast<std::int64_t>(replicas_max))
      refuse(*node, fmt::format("`{}` is a number from {} to {}", key, least, replicas_max));
    return static_cast<std::size_t>(*number);
  }

  /// Milliseconds.
  std::optional<std::chrono::milliseconds> time_of(const toml::table& table,
                                                   std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    constexpr std::int64_t hour = 3'600'000;
    const auto number = node->value_exact<std::int64_t>();
    if (!number || *number < 1 || *number > hour)
      refuse(*node, fmt::format("`{}` is a number of milliseconds, at most an hour", key));
    return std::chrono::milliseconds(*number);
  }

  std::string_view kept(std::string text) { return loaded_.texts.emplace_back(std::move(text)); }

  [[noreturn]] void refuse(const toml::node& node, std::string message) const {
    throw runner::Error("bad-scenario", std::move(message),
                        fmt::format("{}:{}", file_.string(), node.source().begin.line),
                        "correct the file");
  }

  const fs::path& file_;
  const std::vector<std::string_view>& oracles_;
  Loaded& loaded_;
};

}  // namespace

void load(const fs::path& file, const std::vector<std::string_view>& oracles, Loaded& loaded) {
  std::error_code ignored;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || fs::is_directory(file, ignored))
    throw runner::Error("unreadable-file", "there is no such file, or it cannot be read",
                        file.string(), "name a file that this user may read");
  try {
    const toml::table root = toml::parse(stream, file.string());
    Reading(file, oracles, loaded).read(root);
  } catch (const toml::parse_error& error) {
    throw runner::Error("bad-scenario", std::string(error.description()),
                        fmt::format("{}:{}", file.string(), error.source().begin.line),
                        "correct the file");
  }
}

}  // namespace gauntlet::scenario
