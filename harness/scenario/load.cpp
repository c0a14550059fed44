// Longer than other files: every key of a scenario file is read here, and nowhere else.
#include "harness/scenario/load.h"

#include "harness/core/files.h"
#include "harness/scenario/toml_reader.h"
#include "runner/values/error.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::scenario {

namespace {

namespace fs = std::filesystem;
using What = core::Ruling::What;

constexpr Between fleet_size{1, 200}, from_none{0, 200}, exit_codes{0, 255};
constexpr Between versions{0, INT64_MAX};

const std::initializer_list<std::string_view> stage_keys = {
    // what there is
    "name", "migrations", "files", "removed", "prepare", "bytes", "table", "hooks",
    // who comes, and what for
    "replicas", "arrival", "as", "way", "connections", "action", "amount", "knows_up_to",
    "direction", "beside",
    // the lock, and who else is there
    "lock", "key", "lock_wait", "foreign_lock", "foreign_lock_until", "bystander",
    // what goes wrong
    "holds", "faults", "first_is", "interrupted_at",
    // how it is judged
    "oracles", "success_codes", "expected_error", "expected_warning"};

// What a key may say.
const Words<Arrival> arrivals{{"together", Arrival::together}, {"staggered", Arrival::staggered}};
const Words<Action> actions{{"up", Action::up},         {"down", Action::down},
                            {"status", Action::status}, {"check", Action::check},
                            {"plan", Action::plan},     {"accept", Action::accept},
                            {"resume", Action::resume}, {"forget", Action::forget}};
const Words<Hold::Until> hold_ends{{"all-asked", Hold::Until::all_asked},
                                   {"two-stand", Hold::Until::two_stand},
                                   {"another-ended", Hold::Until::another_ended}};
const Words<As> kinds{{"threads", As::threads}, {"processes", As::processes}};
const Words<Way> ways{{"straight", Way::straight}, {"pooler", Way::pooler}};
const Words<SeenHarm::What> harms{{"killed", SeenHarm::What::killed},
                                  {"paused", SeenHarm::What::paused},
                                  {"asked-to-end", SeenHarm::What::asked_to_end}};
const Words<ForeignLock::Until> foreign_ends{{"all-asked", ForeignLock::Until::all_asked},
                                             {"all-ended", ForeignLock::Until::all_ended}};
const Words<Stage::Key> keys{{"unique", Stage::Key::unique}, {"derived", Stage::Key::derived}};
const Words<runner::Engine> engines{{"postgres", runner::Engine::postgres},
                                    {"sqlite", runner::Engine::sqlite}};
const Words<Subject> subjects{
    {"any", Subject::any}, {"must-lock", Subject::must_lock}, {"takes-over", Subject::takes_over}};
const Words<About> abouts{{"replicas", About::replicas}, {"one-replica", About::one_replica}};

Words<What> rulings() {
  Words<What> words;
  for (const What what : {What::rewrite, What::answer, What::refuse, What::lose_before,
                          What::lose_after, What::die_before, What::die_after})
    words.emplace_back(core::to_string(what), what);
  return words;
}

/// One file being read: what it says, and where it says it.
class Reading {
 public:
  Reading(const fs::path& file, const std::vector<std::string_view>& oracles, Loaded& loaded)
      : file_(file), toml_(file), oracles_(oracles), loaded_(loaded) {}

  void read(const toml::table& root) {
    Scenario& scenario = loaded_.scenario;
    scenario.has_users_files = true;
    toml_.only_keys(
        root, {"id", "claim", "why", "patience", "engine", "subject", "about", "sweep", "stage"});
    scenario.id = kept(toml_.text_of(root, "id"));
    scenario.claim = kept(toml_.text_of(root, "claim"));
    scenario.why = kept(toml_.text_of(root, "why"));
    if (const auto patience = toml_.time_of(root, "patience")) scenario.patience = *patience;
    choose(root, "engine", engines, scenario.engine);
    choose(root, "subject", subjects, scenario.subject);
    choose(root, "about", abouts, scenario.about);
    for (const std::string& word : toml_.texts_of(root, "sweep"))
      scenario.sweep.push_back(toml_.chosen(*root.get("sweep"), "sweep", word, rulings()));
    const std::vector<const toml::table*> stages = toml_.tables_of(root, "stage");
    if (stages.empty()) toml_.refuse(root, "there is no `[[stage]]`: a scenario runs at least one");
    for (const toml::table* stage : stages) scenario.stages.push_back(stage_of(*stage));
  }

 private:
  Stage stage_of(const toml::table& table) {
    toml_.only_keys(table, stage_keys);
    Stage stage{.name = kept(toml_.text_of(table, "name"))};
    stage.files = files_of(table);
    for (std::string& name : toml_.texts_of(table, "removed"))
      stage.removed.push_back(kept(std::move(name)));
    keep(table, "prepare", stage.prepare);
    keep(table, "bytes", stage.bytes);
    read_fleet(table, stage);
    read_lock(table, stage);
    stage.call = call_of(table);
    read_surroundings(table, stage);
    read_harm(table, stage);
    stage.oracles = oracles_of(table);
    if (const auto codes = toml_.numbers_of(table, "success_codes", exit_codes))
      stage.success_codes.assign(codes->begin(), codes->end());
    stage.expected_error = toml_.any_text_if(table, "expected_error");
    keep(table, "expected_warning", stage.expected_warning);
    return stage;
  }

  void read_fleet(const toml::table& table, Stage& stage) {
    if (const auto replicas = toml_.number_of(table, "replicas", fleet_size))
      stage.replicas = static_cast<std::size_t>(*replicas);
    if (const auto connections = toml_.number_of(table, "connections", from_none))
      stage.connections = static_cast<std::size_t>(*connections);
    choose(table, "arrival", arrivals, stage.arrival);
    choose(table, "as", kinds, stage.as);
    choose(table, "way", ways, stage.way);
    if (auto direction = toml_.text_if(table, "direction"))
      stage.direction = kept(*std::move(direction));
    for (const toml::table* beside : toml_.tables_of(table, "beside")) {
      toml_.only_keys(*beside, {"replicas", "action", "amount", "knows_up_to", "table", "runner",
                                "migrations", "files"});
      const auto replicas = toml_.number_of(*beside, "replicas", fleet_size);
      stage.beside.push_back(
          {.replicas = static_cast<std::size_t>(replicas.value_or(1)), .call = call_of(*beside)});
      keep(*beside, "table", stage.beside.back().call.table);
      keep(*beside, "runner", stage.beside.back().runner);
      stage.beside.back().files = files_of(*beside);
    }
  }

  void read_lock(const toml::table& table, Stage& stage) {
    keep(table, "table", stage.table);
    if (const auto word = toml_.text_if(table, "lock")) stage.lock = lock_of(table, *word);
    choose(table, "key", keys, stage.key);
    stage.lock_wait = toml_.time_of(table, "lock_wait");
    if (const auto window = toml_.time_of(table, "foreign_lock"))
      stage.foreign_lock = ForeignLock{.window = *window};
    if (!table.contains("foreign_lock_until")) return;
    if (!stage.foreign_lock)
      toml_.refuse(table,
                   "`foreign_lock_until` says when a `foreign_lock` ends, and there is none");
    choose(table, "foreign_lock_until", foreign_ends, stage.foreign_lock->until);
  }

  runner::LockMode lock_of(const toml::table& table, const std::string& word) const {
    try {
      return runner::parse_lock_mode(word);
    } catch (const runner::Error& error) {
      toml_.refuse(*table.get("lock"), error.message() + "; " + error.fix());
    }
  }

  Call call_of(const toml::table& table) const {
    Call call;
    choose(table, "action", actions, call.action);
    call.amount = toml_.number_of(table, "amount", versions).value_or(0);
    call.knows_up_to = toml_.number_of(table, "knows_up_to", versions).value_or(0);
    return call;
  }

  void read_surroundings(const toml::table& table, Stage& stage) {
    if (const toml::node* node = table.get("bystander")) {
      const toml::table& bystander = table_of(*node, "bystander");
      toml_.only_keys(bystander, {"sql", "window"});
      stage.bystander = Bystander{.sql = kept(toml_.text_of(bystander, "sql"))};
      if (const auto window = toml_.time_of(bystander, "window")) stage.bystander->window = *window;
    }
    for (const toml::table* hook : toml_.tables_of(table, "hooks")) {
      toml_.only_keys(*hook, {"version", "sql"});
      const auto version = toml_.number_of(*hook, "version", versions);
      if (!version) toml_.refuse(*hook, "`version` is missing");
      stage.hooks.push_back({.version = *version, .sql = kept(toml_.text_of(*hook, "sql"))});
    }
  }

  void read_harm(const toml::table& table, Stage& stage) {
    for (const toml::table* each : toml_.tables_of(table, "holds")) {
      toml_.only_keys(*each, {"sql_has", "until", "at_most"});
      Hold hold{.sql_has = kept(toml_.text_of(*each, "sql_has"))};
      choose(*each, "until", hold_ends, hold.until);
      if (const auto at_most = toml_.time_of(*each, "at_most")) hold.at_most = *at_most;
      stage.holds.push_back(hold);
    }
    for (const toml::table* each : toml_.tables_of(table, "faults"))
      stage.faults.push_back(fault_of(*each));
    keep(table, "interrupted_at", stage.interrupted_at);
    if (const toml::node* node = table.get("first_is"))
      stage.first_is = harm_of(table_of(*node, "first_is"), stage);
  }

  fault::Fault fault_of(const toml::table& table) const {
    toml_.only_keys(table, {"what", "replica", "sql_has", "skip", "text", "sqlstate"});
    const auto what = toml_.choice_of(table, "what", rulings());
    if (!what) toml_.refuse(table, "`what` is missing: what happens at the step");
    fault::Fault fault{.ruling = {.what = *what}};
    if (const auto replica = toml_.number_of(table, "replica", from_none))
      fault.replica = static_cast<std::size_t>(*replica);
    fault.sql_has = toml_.text_if(table, "sql_has").value_or("");
    fault.skip = static_cast<std::size_t>(toml_.number_of(table, "skip", versions).value_or(0));
    // What is said in a reply's or a statement's place, and with which code: it must be given.
    if (*what == What::rewrite || *what == What::answer || *what == What::refuse)
      fault.ruling.text = toml_.text_of(table, "text");
    if (*what == What::refuse) fault.ruling.sqlstate = toml_.text_of(table, "sqlstate");
    return fault;
  }

  SeenHarm harm_of(const toml::table& table, const Stage& stage) {
    toml_.only_keys(table, {"what", "at", "at_most", "before", "after"});
    if (stage.as != As::processes)
      toml_.refuse(table, "`first_is` harms a process: the stage says `as = \"processes\"`");
    SeenHarm harm;
    choose(table, "what", harms, harm.what);
    harm.at = kept(toml_.text_of(table, "at"));
    if (const auto at_most = toml_.time_of(table, "at_most")) harm.at_most = *at_most;
    keep(table, "before", harm.before);
    keep(table, "after", harm.after);
    return harm;
  }

  std::vector<std::string_view> oracles_of(const toml::table& table) {
    const toml::node* node = table.get("oracles");
    if (node == nullptr || !node->is_array() || node->as_array()->empty())
      toml_.refuse(table, "`oracles` names what judges the stage, and is missing or empty");
    std::vector<std::string_view> chosen;
    for (const toml::node& each : *node->as_array()) {
      const std::string id = each.value<std::string>().value_or("");
      const auto known = std::ranges::find(oracles_, id);
      if (known == oracles_.end())
        toml_.refuse(each, fmt::format("there is no oracle `{}`; there are {}", id,
                                       fmt::join(oracles_, ", ")));
      chosen.push_back(*known);
    }
    return chosen;
  }

  /// Of a folder beside the file, and those written into it.
  std::vector<File> files_of(const toml::table& table) const {
    std::vector<File> files;
    if (const auto migrations = toml_.text_if(table, "migrations")) {
      const fs::path folder = file_.parent_path() / *migrations;
      for (const fs::path& each : folder_of(folder, *table.get("migrations")))
        files.push_back({each.filename().string(), core::read_file(each)});
    }
    const toml::node* written = table.get("files");
    if (written == nullptr) return files;
    if (!written->is_table()) toml_.refuse(*written, "`files` is a table: name = \"SQL\"");
    for (const auto& [name, sql] : *written->as_table()) {
      if (!sql.is_string()) toml_.refuse(sql, fmt::format("file `{}` is no text", name.str()));
      files.push_back({std::string(name.str()), sql.as_string()->get()});
    }
    return files;
  }

  std::vector<fs::path> folder_of(const fs::path& folder, const toml::node& node) const {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.is_regular_file()) files.push_back(entry.path());
    if (error) toml_.refuse(node, fmt::format("{}: {}", folder.string(), error.message()));
    std::ranges::sort(files);
    return files;
  }

  const toml::table& table_of(const toml::node& node, std::string_view key) const {
    if (!node.is_table()) toml_.refuse(node, fmt::format("`{}` is a table", key));
    return *node.as_table();
  }

  template <typename Value>
  void choose(const toml::table& table, std::string_view key, const Words<Value>& words,
              Value& value) const {
    if (const auto choice = toml_.choice_of(table, key, words)) value = *choice;
  }

  void keep(const toml::table& table, std::string_view key, std::string_view& value) {
    if (auto text = toml_.text_if(table, key)) value = kept(*std::move(text));
  }

  std::string_view kept(std::string text) { return loaded_.texts.emplace_back(std::move(text)); }

  const fs::path& file_;
  const TomlReader toml_;
  const std::vector<std::string_view>& oracles_;
  Loaded& loaded_;
};

}  // namespace

void load(const fs::path& file, const std::vector<std::string_view>& oracles, Loaded& loaded) {
  const std::string text = core::read_file(file);
  try {
    const toml::table root = toml::parse(text, file.string());
    Reading(file, oracles, loaded).read(root);
  } catch (const toml::parse_error& error) {
    throw runner::Error("bad-scenario", std::string(error.description()),
                        fmt::format("{}:{}", file.string(), error.source().begin.line),
                        "correct the file");
  }
}

}  // namespace gauntlet::scenario
