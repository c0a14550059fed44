#include "harness/arena/clean_room.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

/// Where a server is and who we are there: libpq 18's variables of that kind.
constexpr std::array<std::string_view, 31> address_variables = {"PGHOST",
                                                                "PGHOSTADDR",
                                                                "PGPORT",
                                                                "PGUSER",
                                                                "PGPASSWORD",
                                                                "PGPASSFILE",
                                                                "PGDATABASE",
                                                                "PGSERVICE",
                                                                "PGSERVICEFILE",
                                                                "PGSYSCONFDIR",
                                                                "PGSSLMODE",
                                                                "PGREQUIRESSL",
                                                                "PGSSLCOMPRESSION",
                                                                "PGSSLCERT",
                                                                "PGSSLKEY",
                                                                "PGSSLROOTCERT",
                                                                "PGSSLCRL",
                                                                "PGSSLCRLDIR",
                                                                "PGSSLSNI",
                                                                "PGSSLCERTMODE",
                                                                "PGSSLNEGOTIATION",
                                                                "PGREQUIREPEER",
                                                                "PGREQUIREAUTH",
                                                                "PGCHANNELBINDING",
                                                                "PGGSSENCMODE",
                                                                "PGGSSLIB",
                                                                "PGGSSDELEGATION",
                                                                "PGKRBSRVNAME",
                                                                "PGTARGETSESSIONATTRS",
                                                                "PGLOADBALANCEHOSTS",
                                                                "PGREALM"};

/// How a session behaves, and what PostgreSQL's own programs read.
constexpr std::array<std::string_view, 18> session_variables = {"PGOPTIONS",
                                                                "PGAPPNAME",
                                                                "PGCONNECT_TIMEOUT",
                                                                "PGCLIENTENCODING",
                                                                "PGDATESTYLE",
                                                                "PGTZ",
                                                                "PGGEQO",
                                                                "PGSSLMINPROTOCOLVERSION",
                                                                "PGDATA",
                                                                "PGLOCALEDIR",
                                                                "PGSSLMAXPROTOCOLVERSION",
                                                                "PGMINPROTOCOLVERSION",
                                                                "PGCTLTIMEOUT",
                                                                "PGTTY",
                                                                "PGMAXPROTOCOLVERSION",
                                                                "PGOAUTHDEBUG",
                                                                "PGOPTS",
                                                                "PSQLRC"};

/// Every program understands it, and nothing is sorted, shown or translated by it.
constexpr const char* locale = "C.UTF-8";

template <typename Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_locale(std::string_view name) {
  return name == "LANG" || name == "LANGUAGE" || name.starts_with("LC_");
}

std::vector<std::string> names_set() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_set_to(const std::string& name, std::string_view value) {
  const char* text = std::getenv(name.c_str());
  return text != nullptr && text == value;
}

bool is_given(const std::string& database) {
  return !database.empty() && database != "ephemeral" && !database.starts_with("sqlite:");
}

/// Files in the user's home that a program reads when no variable names another.
void name_no_files_of_the_home() {
  // No file has this name, so that libpq reads none and warns of none.
  ::setenv("PGPASSFILE", "/dev/null/no-password-file", 1);
  ::setenv("PSQLRC", "/dev/null", 1);
}

}  // namespace

CallerEnvironment clean_environment(const std::string& database) {
  const bool given = is_given(database);
  CallerEnvironment caller;
  for (const std::string& name : names_set()) {
    const bool is_address = holds(address_variables, name);
    if (given && is_address) {
      caller.passed.push_back(name);
    } else if (is_address || holds(session_variables, name) || is_locale(name)) {
      // A locale that is ours already decides nothing: it is not worth a line.
      if (!is_locale(name) || !is_set_to(name, locale)) caller.withheld.push_back(name);
      ::unsetenv(name.c_str());
    }
  }
  ::setenv("LC_ALL", locale, 1);
  if (!given) name_no_files_of_the_home();
  return caller;
}

std::string CallerEnvironment::text() const {
  std::string text;
  if (!passed.empty()) {
    text += fmt::format("environment: {} decide how the given server is reached\n",
                        fmt::join(passed, ", "));
  }
  std::vector<std::string_view> told;
  for (const std::string& name : withheld) {
    if (!is_locale(name)) told.emplace_back(name);
  }
  if (!told.empty()) {
    text += fmt::format(
        "environment: {} ignored; write such options into the URL of --database, or "
        "into the subject file's `env`\n",
        fmt::join(told, ", "));
  }
  return text;
}

}  // namespace gauntlet::arena
