#include "harness/observe/catalogue_sql.h"
#include "harness/observe/observe.h"
#include "harness/observe/parts.h"

#include <string>

namespace gauntlet::observe {

namespace {

void add(core::Catalogue& catalogue, const Rows& rows) {
  for (const Row& row : rows) {
    const auto [entry, is_new] = catalogue.emplace(text_of(row.at(0)), row.at(1).value_or(""));
    if (!is_new) entry->second += "\n" + row.at(1).value_or("");
  }
}

}  // namespace

core::Catalogue read_catalogue(Reader& reader) {
  core::Catalogue catalogue;
  for (const auto* statements : {&relation_statements(), &object_statements()}) {
    for (const std::string_view statement : *statements) {
      add(catalogue, reader.ask(std::string(own_objects) + std::string(statement)));
    }
  }
  return catalogue;
}

}  // namespace gauntlet::observe
