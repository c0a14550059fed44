#include "harness/observe/file.h"
#include "harness/observe/observe.h"
#include "harness/observe/parts.h"

#include <fmt/format.h>

namespace gauntlet::observe {

namespace {

constexpr std::chrono::seconds leftovers_patience{2};

// What cannot be read is told as missing: an oracle that needs it will answer unknown.
template <typename Read>
auto part(std::string_view what, const Read& read, std::string& missing)
    -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const runner::Error& error) {
    missing += fmt::format("{}{}: {}", missing.empty() ? "" : "; ", what, error.message());
    return std::nullopt;
  }
}

core::Snapshot snapshot_through(Reader& reader, const Wanted& wanted) {
  reader.use_fixed_formats();
  core::Snapshot taken;
  if (wanted.catalogue) {
    taken.catalogue = part(
        "catalogue", [&] { return read_catalogue(reader); }, taken.missing);
  }
  if (wanted.data) {
    taken.data = part(
        "data", [&] { return read_data(reader, wanted); }, taken.missing);
  }
  if (wanted.sequences) {
    taken.sequences = part(
        "sequences", [&] { return read_sequences(reader); }, taken.missing);
  }
  if (wanted.leftovers) {
    taken.leftovers = part(
        "leftovers", [&] { return read_leftovers(reader, leftovers_patience); }, taken.missing);
  }
  return taken;
}

}  // namespace

core::Snapshot snapshot(const arena::Address& address, const Wanted& wanted) {
  if (!address.file().empty()) return snapshot_of_file(address, wanted);
  Reader reader(address);
  return snapshot_through(reader, wanted);
}

Look look(const arena::Address& address, const Wanted& wanted,
          const std::optional<std::string>& tracker, std::string_view tool) {
  Look seen;
  if (!address.file().empty()) {
    seen.snapshot = snapshot_of_file(address, wanted);
    if (tracker) seen.applied = applied_in_file(address, *tracker, seen.applied_missing, tool);
    if (wanted.journal) seen.journal = journal_of_file(address);
    return seen;
  }
  Reader reader(address);
  if (tracker) seen.applied = read_applied(reader, *tracker, seen.applied_missing, tool);
  if (wanted.journal) seen.journal = read_journal(reader);
  seen.snapshot = snapshot_through(reader, wanted);
  return seen;
}

}  // namespace gauntlet::observe
