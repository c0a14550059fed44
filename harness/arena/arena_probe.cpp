// A program for the tests of this room: it holds what they tell it to, says so, and waits to be
// ended.
//   arena_probe server           starts a server; prints its folder and its pid file's pid
//   arena_probe given URL        makes a database on a given server; prints its name
//   arena_probe once             starts a server, asks it something, ends
// It watches for interrupts as gauntlet itself does.
#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/arena/interrupt.h"
#include "harness/arena/server.h"
#include "harness/process/process.h"

#include <iostream>
#include <string>

#include <unistd.h>

namespace {

using namespace gauntlet;

[[noreturn]] void wait_for_the_end() {
  while (true) ::pause();
}

int hold_server() {
  const auto server = arena::Server::start({});
  arena::Connection connection(server->local());
  std::cout << server->folder().string() << std::endl;
  wait_for_the_end();
}

int hold_database(const std::string& url) {
  const auto arena = arena::open(url, {});
  const auto database = arena->fresh("probe");
  const auto child = process::Process::start({.argv = {"sh", "-c", "sleep 1000 & wait"}});
  std::cout << database->address().database() << " " << child.pid() << std::endl;
  wait_for_the_end();
}

int ask_once() {
  const auto server = arena::Server::start({});
  std::cout << arena::Connection(server->loopback()).ask_one("SELECT 6 * 7") << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const arena::InterruptGuard guard;
  const std::string what = argc > 1 ? argv[1] : "";
  try {
    if (what == "server") return hold_server();
    if (what == "given" && argc > 2) return hold_database(argv[2]);
    if (what == "once") return ask_once();
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
  return 64;
}
