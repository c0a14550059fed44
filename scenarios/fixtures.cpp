#include "scenarios/fixtures.h"

#include <utility>

namespace gauntlet::scenarios {

std::vector<scenario::File> quick_orders_files() {
  return {
      {"001_journal.up.sql",
       "CREATE TABLE journal(version bigint NOT NULL);\nINSERT INTO journal VALUES (1);\n"},
      {"002_customers.up.sql",
       "CREATE TABLE customers(id bigint PRIMARY KEY, name text NOT NULL);\n"
       "INSERT INTO journal VALUES (2);\n"},
      {"003_orders.up.sql",
       "CREATE TABLE orders(id bigint PRIMARY KEY, customer bigint REFERENCES customers);\n"
       "INSERT INTO journal VALUES (3);\n"},
      {"004_order_status.up.sql",
       "ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';\n"
       "INSERT INTO journal VALUES (4);\n"},
      {"005_first_customer.up.sql",
       "INSERT INTO customers VALUES (1, 'Ada');\nINSERT INTO journal VALUES (5);\n"},
  };
}

std::vector<scenario::File> orders_files() {
  std::vector<scenario::File> files = quick_orders_files();
  for (scenario::File& file : files) file.sql += "SELECT pg_sleep(0.05);\n";
  return files;
}

std::vector<scenario::File> small_files() {
  std::vector<scenario::File> files = quick_orders_files();
  files.resize(3);
  return files;
}

std::vector<scenario::File> small_and_fourth_files() {
  std::vector<scenario::File> files = small_files();
  files.push_back(
      {"004_fourth.up.sql", "CREATE TABLE fourth(x int);\nINSERT INTO journal VALUES (4);\n"});
  return files;
}

const std::string_view predecessor_at_three =
    "CREATE TABLE schema_migrations(version bigint PRIMARY KEY, dirty boolean NOT NULL);"
    "INSERT INTO schema_migrations VALUES (3, false);"
    "CREATE TABLE journal(version bigint NOT NULL);"
    "INSERT INTO journal VALUES (1), (2), (3);"
    "CREATE TABLE customers(id bigint PRIMARY KEY, name text NOT NULL);"
    "CREATE TABLE orders(id bigint PRIMARY KEY, customer bigint REFERENCES customers)";

std::vector<scenario::File> orders_down_files() {
  return {{"001_journal.down.sql", "DROP TABLE journal;\n"},
          {"002_customers.down.sql", "DROP TABLE customers;\n"},
          {"003_orders.down.sql", "DROP TABLE orders;\n"},
          {"004_order_status.down.sql", "ALTER TABLE orders DROP COLUMN status;\n"},
          {"005_first_customer.down.sql", "DELETE FROM customers WHERE id = 1;\n"}};
}

scenario::File status_index_file() {
  return {"006_status_index.up.sql",
          "-- gauntlet: no-transaction\n"
          "CREATE INDEX CONCURRENTLY orders_status ON orders(status);\n"};
}

scenario::File accounts_file() {
  return {"001_accounts.up.sql",
          "CREATE TABLE journal(version bigint NOT NULL);\n"
          "CREATE TABLE accounts(id int PRIMARY KEY, cents bigint NOT NULL);\n"
          "INSERT INTO accounts SELECT i, 1000 FROM generate_series(1, 20) i;\n"
          "INSERT INTO journal VALUES (1);\n"};
}

std::vector<scenario::File> interest_files(const std::string& seconds) {
  const auto file = [&](const char* name, const char* version) {
    return scenario::File{name, std::string("INSERT INTO journal VALUES (") + version +
                                    ");\nSELECT pg_sleep(" + seconds +
                                    ");\n"
                                    "UPDATE accounts SET cents = cents + 10 WHERE id = " +
                                    version + ";\n"};
  };
  return {file("002_interest_a.up.sql", "2"), file("003_interest_b.up.sql", "3"),
          file("004_interest_c.up.sql", "4"), file("005_interest_d.up.sql", "5")};
}

namespace {

/// SQLite has no sleep: this counts for some ten milliseconds.
const std::string takes_a_while =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
    " SELECT count(*) FROM n;\n";

}  // namespace

std::vector<scenario::File> slow_files_for_sqlite() {
  return {{"001_journal.up.sql",
           "CREATE TABLE journal(version integer NOT NULL);\nINSERT INTO journal VALUES (1);\n" +
               takes_a_while},
          {"002_customers.up.sql",
           "CREATE TABLE customers(id integer PRIMARY KEY, name text NOT NULL);\n"
           "INSERT INTO journal VALUES (2);\n" +
               takes_a_while},
          {"003_orders.up.sql",
           "CREATE TABLE orders(id integer PRIMARY KEY, customer integer REFERENCES customers);\n"
           "INSERT INTO journal VALUES (3);\n" +
               takes_a_while}};
}

std::vector<scenario::File> slow_data_for_sqlite() {
  const auto file = [](const char* name, const std::string& version) {
    return scenario::File{name, "INSERT INTO journal VALUES (" + version + ");\n" + takes_a_while +
                                    "INSERT INTO customers(name) VALUES ('customer " + version +
                                    "');\n"};
  };
  return {file("004_customer_a.up.sql", "4"), file("005_customer_b.up.sql", "5"),
          file("006_customer_c.up.sql", "6"), file("007_customer_d.up.sql", "7")};
}

std::vector<scenario::Stage> two_releases(scenario::Arrival arrival) {
  // Longer than the arrivals are apart: whoever comes later finds the first one at work.
  const bool staggered = arrival == scenario::Arrival::staggered;
  return {{.name = "first release",
           .files = {accounts_file()},
           .replicas = 1,
           .oracles = {"all-succeed", "set-equality"}},
          {.name = "second release",
           .files = staggered ? interest_files("0.15") : interest_files(),
           .arrival = arrival,
           .oracles = deploy_oracles()}};
}

scenario::Stage first_release() {
  return {.name = "first release",
          .files = small_files(),
          .replicas = 1,
          .oracles = {"all-succeed", "set-equality"}};
}

scenario::Stage refusal(std::string_view name, std::vector<scenario::File> files,
                        std::string code) {
  return {.name = name,
          .files = std::move(files),
          .replicas = 2,
          .oracles = {"clear-error", "idempotent", "no-lock-left"},
          .expected_error = std::move(code)};
}

scenario::Stage failure(std::string_view name, std::vector<scenario::File> files) {
  scenario::Stage stage = refusal(name, std::move(files), "migration-failed");
  stage.oracles.insert(stage.oracles.end(), {"failure-told", "atomic"});
  return stage;
}

scenario::Stage looking(std::string_view name, scenario::Action action, int exit_code) {
  return {.name = name,
          .replicas = 2,
          .oracles = {"all-succeed", "nothing-written", "no-lock-left"},
          .call = {.action = action},
          .success_codes = {exit_code},
          .as = scenario::As::processes};
}

std::vector<std::string_view> index_oracles() {
  std::vector<std::string_view> oracles = deploy_oracles();
  for (const char* of_the_journal : {"applied-once", "order"}) std::erase(oracles, of_the_journal);
  return oracles;
}

std::vector<std::string_view> deploy_oracles() {
  return {"all-succeed",      "applied-once",       "order",
          "set-equality",     "data-equals-serial", "schema-equals-serial",
          "no-lock-left",     "mutual-exclusion",   "pinned",
          "unlock-confirmed", "no-invalid-index",   "success-means-done"};
}

}  // namespace gauntlet::scenarios
