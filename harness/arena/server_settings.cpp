#include "harness/arena/server_settings.h"

#include "runner/values/error.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

namespace gauntlet::arena {
namespace {

[[noreturn]] void throw_no_port() {
  throw runner::Error("no-port", "the kernel gives no loopback port", std::strerror(errno));
}

std::string quoted_setting(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += c;
    text += c;
  }
  return text + "'";
}

}  // namespace

Port Port::reserve() {
  Port port;
  port.socket_ = process::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int fd = port.socket_.get();
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd, any, size) != 0 || ::getsockname(fd, any, &size) != 0) {
    throw_no_port();
  }
  port.number_ = ntohs(address.sin_port);
  return port;
}

void write_settings(const std::filesystem::path& data, const ServerSettings& settings) {
  std::ofstream file(data / "postgresql.conf", std::ios::app);
  file << "port = " << settings.port << "\n"
       << "unix_socket_directories = " << quoted_setting(settings.socket_folder.string()) << "\n";
  for (const auto& [name, value] : settings.added)
    file << name << " = " << quoted_setting(value) << "\n";
  file.close();
  if (!file) {
    throw runner::Error("cannot-write", "a server's settings cannot be written", data.string(),
                        "make room there, or name another folder with GAUNTLET_FOLDER");
  }
}

void refuse_reserved_settings(const std::map<std::string, std::string>& settings) {
  static const std::set<std::string_view> reserved = {"port",
                                                      "listen_addresses",
                                                      "unix_socket_directories",
                                                      "unix_socket_permissions",
                                                      "unix_socket_group",
                                                      "data_directory",
                                                      "config_file",
                                                      "hba_file",
                                                      "ident_file",
                                                      "external_pid_file",
                                                      "logging_collector",
                                                      "log_destination"};
  for (const auto& [name, value] : settings) {
    if (reserved.contains(name)) {
      throw runner::Error("reserved-setting", "a throwaway server chooses this setting itself",
                          fmt::format("{} = {}", name, value), "leave it out");
    }
    const bool is_name = !name.empty() && name.find_first_not_of(
                                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789_.") == std::string::npos;
    if (!is_name || value.find('\n') != std::string::npos) {
      throw runner::Error("bad-setting", "a server setting cannot be read",
                          fmt::format("`{}={}`", name, value), "write it as name=value");
    }
  }
}

}  // namespace gauntlet::arena
