// What the tests of this room ask of a server and of a program that they started. For tests only.
#pragma once

#include "harness/arena/connection.h"
#include "harness/process/process.h"

#include <chrono>
#include <string>

namespace gauntlet::arena {

/// The one value of the first row.
inline std::string value_of(const Address& address, const std::string& sql) {
  return Connection(address).ask_one(sql);
}

/// The first line that the process prints, waited for; empty if it ends without one.
inline std::string first_line(process::Process& process) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (process.out().find('\n') == std::string::npos &&
         std::chrono::steady_clock::now() < deadline) {
    if (process.wait_for(std::chrono::milliseconds(10))) break;
  }
  return process.out().substr(0, process.out().find('\n'));
}

}  // namespace gauntlet::arena
