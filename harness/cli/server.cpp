#include "harness/arena/server.h"

#include "harness/arena/address.h"
#include "harness/arena/arena.h"
#include "harness/cli/commands.h"
#include "harness/cli/output.h"
#include "runner/program/duration.h"
#include "runner/values/error.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string masked(const std::string& url) { return arena::Address::parse(url).masked(); }

/// Those that `server start` left behind it; a server that dies with a running command is not ours
/// to name or to end.
std::vector<arena::ServerEntry> standing_servers() {
  std::vector<arena::ServerEntry> standing;
  std::ranges::copy_if(arena::list_servers(), std::back_inserter(standing),
                       [](const arena::ServerEntry& server) { return server.left.count() > 0; });
  return standing;
}

std::string names_of(const std::vector<arena::ServerEntry>& servers) {
  std::string names;
  for (const arena::ServerEntry& server : servers)
    names += (names.empty() ? "" : ", ") + server.name;
  return names.empty() ? names : "there are " + names;
}

/// The server called `name`, or the only one there is. Throws: Error `no-such-server`,
/// `which-server`.
arena::ServerEntry chosen_server(const std::string& name) {
  const std::vector<arena::ServerEntry> servers = standing_servers();
  if (name.empty() && servers.size() > 1)
    throw runner::Error("which-server", "several servers run", names_of(servers),
                        "name one of them");
  for (const arena::ServerEntry& server : servers)
    if (name.empty() || server.name == name) return server;
  throw runner::Error(
      "no-such-server",
      name.empty() ? "no server runs" : fmt::format("no server is called `{}`", name),
      names_of(servers), "start one with `gauntlet server start`");
}

Json json_of(const arena::ServerEntry& server) {
  Json json = {{"name", server.name},
               {"url", masked(server.url)},
               {"port", server.port},
               {"folder", server.folder}};
  if (server.left.count() > 0) json["seconds_left"] = server.left.count();
  return json;
}

std::string row_of(const arena::ServerEntry& server) {
  const std::string left =
      server.left.count() > 0 ? runner::to_text(server.left) + " left" : "ends with its owner";
  return fmt::format("{:20} {:22} {}\n", server.name.empty() ? "-" : server.name, left,
                     masked(server.url));
}

/// Also a server that was given none has a name, for `stop` and `url`.
std::string name_of(const arena::Server& server) {
  for (const arena::ServerEntry& entry : standing_servers())
    if (entry.folder == server.folder()) return entry.name;
  return {};
}

}  // namespace

namespace {

void print_started(const arena::Server& server, const ServerStart& command) {
  if (command.output == Output::text) return print_result(server.loopback().url() + "\n");
  print_result(Json({{"schema", 1},
                     {"name", name_of(server)},
                     {"url", server.loopback().url()},
                     {"folder", server.folder().string()},
                     {"seconds_left", command.ttl.count()}})
                       .dump() +
                   "\n",
               Form::json);
}

}  // namespace

int start_server(const ServerStart& command) {
  const auto server = arena::Server::start(command.options);
  server->keep(command.ttl);
  try {
    print_started(*server, command);
  } catch (const runner::Error&) {
    arena::stop_server(name_of(*server));  // nobody has its URL
    throw;
  }
  return 0;
}

int stop_server(const ServerStop& command) {
  arena::stop_server(chosen_server(command.name).name);
  return 0;
}

int print_server_url(const ServerUrl& command) {
  print_result(chosen_server(command.name).url + "\n");
  return 0;
}

int list_servers(const ServerList& command) {
  const std::vector<arena::ServerEntry> servers = arena::list_servers();
  Json entries = Json::array();
  std::string rows;
  for (const arena::ServerEntry& server : servers) {
    entries.push_back(json_of(server));
    rows += row_of(server);
  }
  if (command.output == Output::json)
    print_result(Json({{"schema", 1}, {"servers", entries}}).dump() + "\n", Form::json);
  else
    print_result(rows.empty() ? "no server runs\n" : rows);
  return 0;
}

int clean(const CleanCommand& command) {
  arena::Swept swept = arena::sweep();
  if (!command.database.empty() && command.database != "ephemeral")
    swept.databases += arena::sweep_databases(arena::Address::parse(command.database));
  if (command.output == Output::json)
    print_result(Json({{"schema", 1},
                       {"folders", swept.folders},
                       {"servers", swept.servers},
                       {"processes", swept.processes},
                       {"databases", swept.databases}})
                         .dump() +
                     "\n",
                 Form::json);
  else
    print_result(fmt::format("removed {} folders, {} servers, {} processes, {} databases\n",
                             swept.folders, swept.servers, swept.processes, swept.databases));
  return 0;
}

}  // namespace gauntlet::cli
