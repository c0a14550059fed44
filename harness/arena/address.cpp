#include "harness/arena/address.h"

#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace gauntlet::arena {
namespace {

using Parameters = std::map<std::string, std::string>;
/// None of libpq's: what an address of a file has instead of them.
constexpr const char* file_keyword = "file";
constexpr std::string_view file_scheme = "sqlite:";

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Parameters set_in(const PQconninfoOption* option) {
  Parameters parameters;
  for (; option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') parameters[option->keyword] = option->val;
  }
  return parameters;
}

/// The part of libpq's message before it quotes anything: what it quotes may be the password.
std::string unquoted(const char* message) {
  std::string_view text = message != nullptr ? message : "";
  text = text.substr(0, text.find('"'));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == ':')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

runner::Error bad_url(const std::string& reason) {
  return {"bad-database-url", "the database's address cannot be read",
          reason + " (not shown: it may hold a password)",
          "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in it, %-encode what is "
          "not a letter or digit (@ is %40, / is %2F)"};
}

/// libpq reads `u:pa/ss@h` as the host `u` with the port `pa`, and quotes parts of the password in
/// what it says then. A URL in which an `@` stands behind a second one, behind a `/`, or behind a
/// `?` that no `/` precedes, was meant otherwise.
void refuse_password_that_is_not_encoded(const std::string& conninfo) {
  const std::size_t scheme = conninfo.find("://");
  const bool is_url = conninfo.starts_with("postgres://") || conninfo.starts_with("postgresql://");
  if (!is_url) return;
  const std::string_view rest = std::string_view(conninfo).substr(scheme + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  const bool has_path = authority_end < rest.size() && rest[authority_end] == '/';
  const std::string_view path =
      rest.substr(authority_end, has_path ? rest.find('?') - authority_end : std::string::npos);
  if (std::ranges::count(authority, '@') > 1 || path.find('@') != std::string_view::npos)
    throw bad_url("an `@` or `/` in user or password is not %-encoded");
}

/// What libpq would quote when it fails to connect: a part of a password, most of the time.
void refuse_odd_host_or_port(const Parameters& parameters) {
  if (const auto port = parameters.find("port");
      port != parameters.end() &&
      port->second.find_first_not_of("0123456789,") != std::string::npos)
    throw bad_url("the port is no number");
  const auto host = parameters.find("host");
  if (host != parameters.end() && host->second.find('@', 1) != std::string::npos &&
      !host->second.starts_with('/'))
    throw bad_url("the host has an `@`");
}

Parameters parse_parameters(const std::string& conninfo) {
  refuse_password_that_is_not_encoded(conninfo);
  char* message = nullptr;
  const Options options(PQconninfoParse(conninfo.c_str(), &message), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(message, &PQfreemem);
  if (!options) throw bad_url(unquoted(message));
  return set_in(options.get());
}

/// User, port, and what the environment says. Not libpq's other defaults: not every driver that is
/// handed the url knows them.
Parameters defaults_here() {
  Parameters parameters;
  const Options defaults(PQconndefaults(), &PQconninfoFree);
  if (!defaults) return parameters;
  for (const PQconninfoOption* option = defaults.get(); option->keyword != nullptr; ++option) {
    const std::string_view name = option->keyword;
    const bool is_said = option->envvar != nullptr && std::getenv(option->envvar) != nullptr;
    if (option->val == nullptr || *option->val == '\0') continue;
    if (is_said || name == "user" || name == "port") parameters[option->keyword] = option->val;
  }
  return parameters;
}

/// libpq's compiled-in socket folder. Nothing is connected to: the last parameter is refused
/// before.
std::string default_host() {
  const std::array<const char*, 3> keywords = {"host", "channel_binding", nullptr};
  const std::array<const char*, 3> values = {"", "none such", nullptr};
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectStartParams(keywords.data(), values.data(), 0), &PQfinish);
  const char* host = connection ? PQhost(connection.get()) : nullptr;
  return host != nullptr && *host != '\0' ? host : "/var/run/postgresql";
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string url_of(const Parameters& parameters, const std::string& password) {
  if (const auto file = parameters.find(file_keyword); file != parameters.end())
    return std::string(file_scheme) + file->second;
  const auto value = [&](const char* name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
  };
  std::string url = "postgresql://";
  if (const std::string user = value("user"); !user.empty()) {
    url += percent_encoded(user);
    if (!password.empty()) url += ":" + password;
    url += "@";
  }
  // A socket folder, a list of hosts and an IPv6 address stand in the query: there every form fits.
  const std::string host = value("host");
  const bool is_plain = host.find_first_of("/,:@") == std::string::npos &&
                        value("port").find(',') == std::string::npos;
  if (is_plain) {
    url += percent_encoded(host);
    if (const std::string port = value("port"); !port.empty()) url += ":" + port;
  }
  url += "/" + percent_encoded(value("dbname"));
  char separator = '?';
  for (const auto& [name, text] : parameters) {
    const bool is_said = name == "user" || name == "password" || name == "dbname" ||
                         (is_plain && (name == "host" || name == "port"));
    if (is_said) continue;
    const bool is_secret = name == "sslpassword";
    url += fmt::format("{}{}={}", separator, name,
                       is_secret && password == "***" ? "***" : percent_encoded(text));
    separator = '&';
  }
  return url;
}

std::string in_quotes(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

}  // namespace

Address Address::parse(const std::string& conninfo) {
  Parameters parameters = parse_parameters(conninfo);
  parameters.merge(defaults_here());
  refuse_odd_host_or_port(parameters);
  if (parameters.contains("service"))
    return Address(std::move(parameters));  // libpq reads its file
  if (!parameters.contains("host") && !parameters.contains("hostaddr")) {
    parameters["host"] = default_host();
  }
  if (!parameters.contains("dbname")) parameters["dbname"] = parameters["user"];
  return Address(std::move(parameters));
}

Address::Address(Parameters parameters) : parameters_(std::move(parameters)) {}

Address Address::of_file(const std::filesystem::path& file) {
  return Address({{file_keyword, file.string()}});
}

std::string Address::conninfo() const {
  if (parameters_.contains(file_keyword)) return url();
  Parameters all = parameters_;
  // Said, though empty: else PGHOSTADDR and PGOPTIONS would lead us elsewhere than everybody else.
  all.try_emplace("hostaddr", "");
  all.try_emplace("options", "");
  std::string text;
  for (const auto& [name, value] : all) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, in_quotes(value));
  }
  return text;
}

std::string Address::url() const { return url_of(parameters_, percent_encoded(password())); }

std::string Address::masked() const { return url_of(parameters_, password().empty() ? "" : "***"); }

namespace {

std::string value_or_empty(const Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

}  // namespace

std::string Address::database() const { return value_or_empty(parameters_, "dbname"); }
std::string Address::port() const { return value_or_empty(parameters_, "port"); }
std::string Address::user() const { return value_or_empty(parameters_, "user"); }
std::string Address::password() const { return value_or_empty(parameters_, "password"); }

std::string Address::host() const {
  const std::string host = value_or_empty(parameters_, "host");
  return host.empty() ? value_or_empty(parameters_, "hostaddr") : host;
}

bool Address::is_unix_socket() const { return host().starts_with('/') || host().starts_with('@'); }

std::filesystem::path Address::file() const { return value_or_empty(parameters_, file_keyword); }

Address Address::with_database(const std::string& name) const { return with("dbname", name); }

Address Address::with(const std::string& keyword, const std::string& value) const {
  Parameters parameters = parameters_;
  parameters[keyword] = value;
  return Address(std::move(parameters));
}

Address Address::without(const std::string& keyword) const {
  Parameters parameters = parameters_;
  parameters.erase(keyword);
  return Address(std::move(parameters));
}

std::map<std::string, std::string> Address::environment() const {
  if (parameters_.contains(file_keyword)) return {{"DATABASE_URL", url()}};
  std::map<std::string, std::string> environment = {
      {"PGHOST", host()},         {"PGPORT", port()},      {"PGUSER", user()},
      {"PGDATABASE", database()}, {"DATABASE_URL", url()}, {"PGPASSWORD", password()}};
  if (const auto mode = parameters_.find("sslmode"); mode != parameters_.end()) {
    environment["PGSSLMODE"] = mode->second;
  }
  // An inherited PGHOSTADDR would win over PGHOST. Only where there is one: some drivers refuse the
  // name itself.
  if (std::getenv("PGHOSTADDR") != nullptr) {
    environment["PGHOSTADDR"] = value_or_empty(parameters_, "hostaddr");
  }
  return environment;
}

}  // namespace gauntlet::arena
