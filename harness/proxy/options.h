// What a proxy allows and how long it waits. Values.
#pragma once

#include "harness/wire/frame_reader.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>

namespace gauntlet::proxy {

struct Options {
  /// A step held longer goes on, and the history says so.
  std::chrono::milliseconds patience{60'000};
  /// What a client is given to say whom it wants to talk to.
  std::chrono::milliseconds startup_patience{60'000};
  /// How long the statement of a client that has gone may run on before it is cancelled: until then
  /// the server finds out by itself what it would have found out without us.
  std::chrono::milliseconds orphan_patience{5'000};
  /// What one that no longer reads is given to take the last bytes.
  std::chrono::milliseconds farewell_patience{5'000};
  /// Which server session runs what a client sends.
  enum class Pooling {
    none,         ///< its own, as long as it is connected
    transaction,  ///< another one for each transaction, as behind a pooler; the server must let the
                  ///< proxy in without a password
  };
  Pooling pooling = Pooling::none;
  std::size_t sessions_max = 1'000;  ///< more are turned away
  /// Of either direction of a session: beyond it, whoever sends is not read.
  std::size_t unsent_max = 256U << 10U;
  wire::Limits wire = {};
  /// Where unix sockets are made, one a replica; empty: TCP only.
  std::filesystem::path socket_folder = {};
  /// Ends the replica's processes, where the gate rules that it dies. On the loop's thread; must
  /// not block.
  std::function<void(std::size_t replica)> kill = {};
};

}  // namespace gauntlet::proxy
