// Files and oracles that several scenarios share. Every body writes one row into a journal, so that
// one which took effect twice is seen in the data. Values; any thread may call.
#pragma once

#include "harness/scenario/scenario.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::scenarios {

/// What the statement has that records a migration, and no other.
constexpr std::string_view record_statement = "applied_migrations\" (version, name";

/// Five migrations of an orders service that cannot run twice: CREATE TABLE and ADD COLUMN. Each
/// takes 50 ms, as real ones do: else one replica could be done before a second one looks.
std::vector<scenario::File> orders_files();

/// What takes the orders set back.
std::vector<scenario::File> orders_down_files();
/// `006`: CREATE INDEX CONCURRENTLY and nothing else, which any runner can be told to send outside
/// a transaction. It leaves no row in the journal; a second time it would fail.
scenario::File status_index_file();
/// The orders set, where none takes its time.
std::vector<scenario::File> quick_orders_files();
/// The first three of them.
std::vector<scenario::File> small_files();
/// And a fourth that makes a table `fourth`.
std::vector<scenario::File> small_and_fourth_files();
/// A database that golang-migrate has brought to the third.
extern const std::string_view predecessor_at_three;

/// The first of a set that only changes data afterwards: the table and its journal.
scenario::File accounts_file();
/// Four that only change data, and take `seconds` each, a number as SQL has it: nothing but the
/// runner keeps them from running twice.
std::vector<scenario::File> interest_files(const std::string& seconds = "0.03");

/// Three migrations in words that SQLite understands too, which cannot run twice and take a while.
std::vector<scenario::File> slow_files_for_sqlite();
/// Four after them that only change data, and take a while too.
std::vector<scenario::File> slow_data_for_sqlite();

/// The accounts as a first release, the interest as a second one that 16 replicas apply.
std::vector<scenario::Stage> two_releases(scenario::Arrival arrival);

/// The first three, applied by one replica.
scenario::Stage first_release();
/// Two replicas that must fail, clearly and without a trace, over the folder with `files`.
scenario::Stage refusal(std::string_view name, std::vector<scenario::File> files, std::string code);
/// The same with files with which any program fails, in whatever words.
scenario::Stage failure(std::string_view name, std::vector<scenario::File> files);

/// Two processes that only look, and end with `exit_code`.
scenario::Stage looking(std::string_view name, scenario::Action action, int exit_code);

/// What holds after any deploy in which all replicas succeed.
std::vector<std::string_view> deploy_oracles();
/// The same where status_index_file() is among the files.
std::vector<std::string_view> index_oracles();

}  // namespace gauntlet::scenarios
