// Making a connection within a bound: libpq's own covers a server that is silent, and not one that
// sends something for ever. Any thread may call.
#pragma once

#include "runner/postgres/postgres_connection.h"

#include <chrono>
#include <optional>
#include <vector>

namespace gauntlet::runner {

/// libpq's parameters, as PQconnectdbParams() takes them; both end with a null pointer.
struct LoginParameters {
  std::vector<const char*> keywords, values;
};

/// Connects, or fails as libpq does. nullopt: neither of it happened within `patience`; zero waits
/// for ever.
std::optional<PostgresConnection> log_in(const LoginParameters& parameters,
                                         std::chrono::milliseconds patience);

/// How long a login may take: connect_timeout, for each address that may be tried.
/// `otherwise`: the timeout when the string does not say. Zero: for ever.
std::chrono::milliseconds login_patience(const std::string& conninfo,
                                         std::chrono::seconds otherwise);

}  // namespace gauntlet::runner
