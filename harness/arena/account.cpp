#include "harness/arena/account.h"

#include "runner/values/error.h"

#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

std::optional<process::Account> account_named(const char* name) {
  std::vector<char> buffer(16'384);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return process::Account{.name = name, .uid = entry.pw_uid, .gid = entry.pw_gid};
}

}  // namespace

std::optional<process::Account> server_account() {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    if (auto account = account_named(name); account && account->uid != 0) return account;
  }
  throw runner::Error("no-account", "a server cannot run as root, and no other account is here",
                      "neither `postgres` nor `nobody` is in the password file",
                      "run gauntlet as an ordinary user, or add the account `postgres`");
}

}  // namespace gauntlet::arena
