#include "harness/observe/file.h"
#include "harness/observe/observe.h"
#include "harness/observe/parts.h"

#include <stdexcept>
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
    // A user may call a table of his own so: then it is no journal of a scenario's.
    const bool is_none = error.sqlstate() == "42P01" || error.sqlstate() == "42703";
    if (!is_none) throw;
    return std::nullopt;
  } catch (const std::logic_error&) {
    return std::nullopt;  // its versions are no numbers
  }
}

std::optional<std::vector<std::int64_t>> journal(const arena::Address& address) {
  if (!address.file().empty()) return journal_of_file(address);
  Reader reader(address);
  return read_journal(reader);
}

}  // namespace gauntlet::observe
