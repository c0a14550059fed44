#include "harness/arena/scram.h"

#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/random.h>

namespace gauntlet::arena {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

// Fewer would make every login cheaper, but several drivers refuse fewer than RFC 7677 asks for.
constexpr int iterations = 4096;
constexpr std::size_t salt_bytes = 16;

std::vector<unsigned char> random_bytes(std::size_t count) {
  std::vector<unsigned char> bytes(count);
  std::size_t have = 0;
  while (have < count) {
    const ssize_t got = ::getrandom(bytes.data() + have, count - have, 0);
    if (got > 0) have += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) {
      throw runner::Error("no-random", "the kernel gives no random bytes", std::strerror(errno));
    }
  }
  return bytes;
}

Digest hmac(const Digest& key, std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return digest;
}

std::string base64(const unsigned char* bytes, std::size_t count) {
  std::string text(4 * ((count + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes,
                                   static_cast<int>(count));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace

std::string random_digits(std::size_t bytes) {
  std::string digits;
  for (const unsigned char byte : random_bytes(bytes)) digits += fmt::format("{:02x}", byte);
  return digits;
}

std::string scram_verifier(const std::string& password) {
  const std::vector<unsigned char> salt = random_bytes(salt_bytes);
  Digest salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                    static_cast<int>(salt.size()), iterations, EVP_sha256(),
                    static_cast<int>(salted.size()), salted.data());
  const Digest client_key = hmac(salted, "Client Key");
  const Digest server_key = hmac(salted, "Server Key");
  Digest stored{};
  EVP_Digest(client_key.data(), client_key.size(), stored.data(), nullptr, EVP_sha256(), nullptr);
  return fmt::format("SCRAM-SHA-256${}:{}${}:{}", iterations, base64(salt.data(), salt.size()),
                     base64(stored.data(), stored.size()),
                     base64(server_key.data(), server_key.size()));
}

}  // namespace gauntlet::arena
