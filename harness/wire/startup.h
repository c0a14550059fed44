// What a connection begins with: untyped packets, told apart by a code where a startup message has
// its protocol version. Values; no effects.
// Source: PostgreSQL manual, "Start-up" and "Message Formats"; src/include/libpq/pqcomm.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace gauntlet::wire {

/// A session is asked for. The parameters are as given: user, database, options,
/// application_name, replication, and `_pq_.` ones.
struct Startup {
  std::int16_t major = 3, minor = 0;
  std::map<std::string, std::string> parameters = {};

  /// Empty where it was not given.
  std::string_view parameter(const std::string& name) const;
};

/// The client would like to speak TLS or GSSAPI; one byte answers, and another packet follows.
struct EncryptionRequest {
  enum class Kind { tls, gssapi };
  Kind kind = Kind::tls;
};

/// The byte that refuses an EncryptionRequest.
inline constexpr std::string_view encryption_refused = "N";

/// Asks for the statement of another session to be cancelled. The key has four bytes in protocol
/// 3.0 and up to 256 since 3.2.
struct CancelRequest {
  std::int32_t process = 0;
  std::string key = {};

  friend bool operator==(const CancelRequest&, const CancelRequest&) = default;
};

/// What a packet says; monostate when it is none of these or is cut short.
using StartupPacket = std::variant<std::monostate, Startup, EncryptionRequest, CancelRequest>;

/// `body` is what follows the length.
StartupPacket read_startup(std::string_view body);

}  // namespace gauntlet::wire
