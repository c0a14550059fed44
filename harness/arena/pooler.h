// A pgbouncer in front of a server of ours, as production puts one there. One thread at a time; it
// dies with the thread that started it.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/server.h"
#include "harness/process/process.h"

#include <filesystem>
#include <map>
#include <string>

namespace gauntlet::arena {

struct PoolerOptions {
  /// When a client's server connection is lent to another one: once the client is gone, or after
  /// each of its transactions.
  enum class Mode { session, transaction };

  Mode mode = Mode::transaction;
  int pool_size = 20;  ///< server connections, of each database and user
  std::map<std::string, std::string> settings = {};  ///< pgbouncer's own, winning over ours
};

/// Lies in the server's folder, and is gone before it.
class Pooler {
 public:
  /// Ready when it returns. Throws: Error `no-pooler` with the package to install,
  /// `pooler-did-not-start` with its log.
  Pooler(const Server& server, const PoolerOptions& options);
  /// In a folder of its own, before a server that is not ours to know more of.
  Pooler(const Address& server, const PoolerOptions& options);
  ~Pooler();
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;

  const Address& address() const { return address_; }  ///< over its unix socket, as `postgres`
  std::string log() const;

 private:
  Pooler(std::filesystem::path folder, const Address& server, const PoolerOptions& options);
  void wait_until_ready();
  bool answers() const;

  std::filesystem::path folder_;
  process::Process process_;
  Address address_;
};

}  // namespace gauntlet::arena
