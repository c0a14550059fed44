#include "harness/observe/file.h"
#include "harness/observe/observe.h"
#include "harness/observe/parts.h"

#include <string>

namespace gauntlet::observe {

// Nothing removes a row from a journal, so that the place of a row in its table (ctid) ascends in
// the order in which rows were written; a column with a sequence would differ from a serial run's
// wherever a body was rolled back.
std::optional<std::vector<std::int64_t>> read_journal(Reader& reader) {
  try {
    std::vector<std::int64_t> versions;
    for (const Row& row : reader.ask("select version::text from journal order by ctid")) {
      versions.push_back(std::stoll(text_of(row.at(0))));
    }
    return versions;
  } catch (const ReadError& error) {
    if (error.sqlstate() != "42P01") throw;
    return std::nullopt;
  }
}

std::optional<std::vector<std::int64_t>> journal(const arena::Address& address) {
  if (!address.file().empty()) return journal_of_file(address);
  Reader reader(address);
  return read_journal(reader);
}

}  // namespace gauntlet::observe
