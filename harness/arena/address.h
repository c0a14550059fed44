// Where a database is, and how to reach it. A value; passwords leave it only on purpose.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace gauntlet::arena {

class Address {
 public:
  /// A URL or keyword string of libpq; libpq's environment variables fill what is not said.
  /// Throws: Error `bad-database-url`.
  static Address parse(const std::string& conninfo);
  explicit Address(std::map<std::string, std::string> parameters);  ///< libpq's keywords
  /// Of a SQLite database: conninfo() and url() are `sqlite:PATH`, and there is neither host nor
  /// user.
  static Address of_file(const std::filesystem::path& file);

  std::string conninfo() const;  ///< for libpq; holds the password
  std::string url() const;       ///< `postgresql://…`, percent-encoded; holds the password
  std::string masked() const;    ///< the url with `***` for the password: the only form to print
  std::string database() const;
  std::string host() const;  ///< an address or a socket folder
  std::string port() const;
  std::string user() const;
  std::string password() const;
  bool is_unix_socket() const;
  std::filesystem::path file() const;  ///< empty for a server's database
  Address with_database(const std::string& name) const;
  Address with(const std::string& keyword, const std::string& value) const;
  Address without(const std::string& keyword) const;

  /// PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE, DATABASE_URL for a child process.
  std::map<std::string, std::string> environment() const;

 private:
  std::map<std::string, std::string> parameters_;
};

}  // namespace gauntlet::arena
