#include "harness/formats/sections.h"

#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <optional>

namespace gauntlet::formats {
namespace {

struct Found {
  std::size_t from = 0, to = 0;
  bool no_transaction = false;
};

/// The first section of each direction.
struct Directions {
  std::optional<Found> up = {}, down = {};
};

Directions directions_of(std::string_view text,
                         const std::function<Section(std::string_view)>& begun_by) {
  Directions found;
  std::optional<Found>* open = nullptr;
  for_each_line(text, [&](const Line& line) {
    std::string_view words = line.text;
    if (line.begin == 0 && words.starts_with(byte_order_mark))
      words.remove_prefix(byte_order_mark.size());
    const Section section = begun_by(words);
    if (section.kind != Section::Kind::none) {
      open = section.kind == Section::Kind::up ? &found.up : &found.down;
      *open = Found{.from = line.begin, .no_transaction = section.no_transaction};
    }
    if (open != nullptr) (*open)->to = line.end;
  });
  return found;
}

std::string section_text(const File& file, const Found& found) {
  std::string sql = only(file.bytes, found.from, found.to);
  return found.no_transaction ? marked_no_transaction(std::move(sql)) : sql;
}

}  // namespace

Reading read_sections(const Format& format, const std::vector<File>& files,
                      const std::function<Section(std::string_view)>& begun_by,
                      const SectionRules& rules) {
  Steps steps(format);
  for (const File& file : files) {
    if (file.name.find('/') != std::string::npos || !file.name.ends_with(".sql")) continue;
    const auto number = numbered(file.name.substr(0, file.name.size() - 4), rules.separators);
    const Directions found = directions_of(file.bytes, begun_by);
    if (!number || (!found.up && !rules.all_is_up)) {
      if (number || found.up || found.down) steps.unrecognized(file);
      continue;
    }
    const auto part = [&](std::string sql) {
      return Part{
          .file = &file, .version = number->version, .name = number->name, .sql = std::move(sql)};
    };
    steps.up(part(found.up ? section_text(file, *found.up) : file.bytes));
    if (found.down) steps.down(part(section_text(file, *found.down)));
  }
  return steps.reading();
}

}  // namespace gauntlet::formats
