// What the orders service answers over HTTP once it is up; each request has a session of its own.
// Handlers run on the server's threads, several at a time.
#pragma once

#include <string>

namespace httplib {
class Server;
}

namespace gauntlet::orders {

enum class Health {
  ok,         ///< GET /healthz answers 200
  never_well  ///< GET /healthz answers 503
};

/// Adds GET /healthz, which never asks the database, GET /orders and POST /orders to `server`.
void serve_orders(httplib::Server& server, const std::string& database, Health health);

}  // namespace gauntlet::orders
