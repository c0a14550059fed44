#include "harness/crash/fixture.h"

namespace gauntlet::crash {

namespace {

constexpr const char* accounts = R"(CREATE TABLE crash_accounts (
  id int PRIMARY KEY, owner text NOT NULL, balance int NOT NULL);
CREATE TABLE crash_entries (what text NOT NULL);
INSERT INTO crash_accounts VALUES (1, 'ada', 100), (2, 'ben', 200);
)";
constexpr const char* interest = R"(UPDATE crash_accounts SET balance = balance + 10;
INSERT INTO crash_entries VALUES ('interest');
)";
constexpr const char* status = R"(ALTER TABLE crash_accounts ADD COLUMN status text;
UPDATE crash_accounts SET status = 'open';
)";
constexpr const char* fees = R"(UPDATE crash_accounts SET balance = balance - 3;
INSERT INTO crash_entries VALUES ('fees');
)";

}  // namespace

std::vector<std::pair<std::string, std::string>> fixture(bool with_concurrent_index) {
  const std::string index =
      with_concurrent_index
          ? "-- gauntlet: no-transaction\n"
            "CREATE INDEX CONCURRENTLY crash_accounts_by_owner ON crash_accounts (owner);\n"
          : "CREATE INDEX crash_accounts_by_owner ON crash_accounts (owner);\n";
  return {{"001_accounts.up.sql", accounts},
          {"001_accounts.down.sql", "DROP TABLE crash_entries;\nDROP TABLE crash_accounts;\n"},
          {"002_interest.up.sql", interest},
          {"002_interest.down.sql", "UPDATE crash_accounts SET balance = balance - 10;\n"},
          {"003_status.up.sql", status},
          {"003_status.down.sql", "ALTER TABLE crash_accounts DROP COLUMN status;\n"},
          {"004_fees.up.sql", fees},
          {"004_fees.down.sql", "UPDATE crash_accounts SET balance = balance + 3;\n"},
          {"005_owner_index.up.sql", index},
          {"005_owner_index.down.sql", "DROP INDEX crash_accounts_by_owner;\n"}};
}

std::vector<std::pair<std::string, std::string>> data_fixture() {
  std::vector<std::pair<std::string, std::string>> files = {
      {"001_entries.up.sql", "CREATE TABLE IF NOT EXISTS race_entries (what text NOT NULL);\n"},
      {"001_entries.down.sql", "DROP TABLE race_entries;\n"}};
  for (const std::string what : {"2_interest", "3_fees", "4_bonus"}) {
    files.emplace_back("00" + what + ".up.sql",
                       "INSERT INTO race_entries VALUES ('" + what.substr(2) + "');\n");
    files.emplace_back("00" + what + ".down.sql",
                       "DELETE FROM race_entries WHERE what = '" + what.substr(2) + "';\n");
  }
  return files;
}

}  // namespace gauntlet::crash
