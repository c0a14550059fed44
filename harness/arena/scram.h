// A password, and what a server stores of it. Any thread may call.
#pragma once

#include <string>

namespace gauntlet::arena {

/// `bytes` random bytes from the kernel, as hexadecimal digits.
std::string random_digits(std::size_t bytes);

/// What ALTER ROLE takes instead of the password (RFC 5803; PostgreSQL manual, 53.13 pg_authid):
/// made here while the server starts, and so never in its log.
std::string scram_verifier(const std::string& password);

}  // namespace gauntlet::arena
