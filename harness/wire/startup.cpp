#include "harness/wire/startup.h"

#include "harness/wire/fields.h"

namespace gauntlet::wire {
namespace {

/// These stand where a startup message has its major version.
constexpr std::int16_t request_code = 1234;
constexpr std::int16_t cancel_code = 5678, tls_code = 5679, gssapi_code = 5680;
constexpr std::size_t cancel_key_bytes_max = 256;

StartupPacket read_request(std::int16_t code, Fields& fields) {
  if (code == tls_code) return EncryptionRequest{EncryptionRequest::Kind::tls};
  if (code == gssapi_code) return EncryptionRequest{EncryptionRequest::Kind::gssapi};
  if (code != cancel_code) return {};
  const auto process = fields.int32();
  const auto key = fields.rest();
  if (!fields.ok() || key.empty() || key.size() > cancel_key_bytes_max) return {};
  return CancelRequest{process, std::string(key)};
}

}  // namespace

std::string_view Startup::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : found->second;
}

StartupPacket read_startup(std::string_view body) {
  Fields fields(body);
  const auto major = fields.int16();
  const auto minor = fields.int16();
  if (!fields.ok()) return {};
  if (major == request_code) return read_request(minor, fields);
  if (major != 3) return {};
  Startup startup{major, minor};
  while (fields.ok() && fields.rest().size() > 1) {
    const auto name = fields.text();
    const auto value = fields.text();
    if (fields.ok()) startup.parameters.emplace(name, value);
  }
  // The list ends in an empty name.
  if (fields.rest() != std::string_view("\0", 1)) return {};
  return startup;
}

}  // namespace gauntlet::wire
