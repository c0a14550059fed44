#include "runner/apply/outside_words.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using Kind = OutsideStatement::Kind;

bool begins_transaction(const OutsideStatement& what) {
  return what.kind == Kind::control &&
         (what.words.starts_with("BEGIN") || what.words.starts_with("START"));
}

bool is_chain(const OutsideStatement& what) {
  return what.kind == Kind::control && what.words.ends_with("AND CHAIN");
}

}  // namespace

OutsideFile::OutsideFile(const SqlDialect& dialect, std::string_view sql)
    : split_(dialect.split(sql)) {
  what_.reserve(size());
  begins_.reserve(size());
  std::size_t begin = size();
  for (std::size_t index = 0; index < size(); ++index) {
    what_.push_back(dialect.outside_statement(text(index).sql));
    const bool inside = begin < size();
    begins_.push_back(inside ? begin : index);
    if (begins_transaction(what_.back())) {
      if (!inside) begin = index;
    } else if (is_chain(what_.back())) {
      begin = index + 1;
    } else if (what_.back().kind == Kind::control) {
      begin = size();
    }
  }
}

bool OutsideFile::is_chained(std::size_t index) const {
  return index > 0 && index < size() && is_chain(what_[index - 1]);
}

std::size_t OutsideFile::first_to_do(std::size_t index) const {
  while (index < size() && what_[index].kind == Kind::setting) ++index;
  return index;
}

std::vector<std::size_t> OutsideFile::settings_before(std::size_t index) const {
  std::vector<std::size_t> lasting;
  std::size_t lasting_at_begin = 0;
  for (std::size_t at = 0; at < index && at < size(); ++at) {
    const OutsideStatement& what = what_[at];
    if (begins_transaction(what) || is_chained(at)) lasting_at_begin = lasting.size();
    if (what.kind == Kind::control && what.words.starts_with("ROLLBACK")) {
      lasting.resize(std::min(lasting.size(), lasting_at_begin));
    }
    // It undoes them all, and would give the migration lock away.
    if (what.words == "DISCARD ALL") lasting.clear();
    if (what.kind == Kind::setting && what.words != "DISCARD ALL") lasting.push_back(at);
  }
  return lasting;
}

std::size_t OutsideFile::temporary_before(std::size_t index) const {
  for (std::size_t at = 0; at < index && at < size(); ++at) {
    if (what_[at].makes_temporary) return at;
  }
  return size();
}

Left left_unseen(const OutsideStatement& statement) {
  const bool unnamed =
      statement.object == OutsideStatement::Object::index && statement.name.empty();
  if (statement.kind == Kind::commits || statement.kind == Kind::unknown || unnamed) {
    return Left::unknown;
  }
  if (statement.kind == Kind::object) return Left::half;
  return statement.kind == Kind::repeatable ? Left::again : Left::nothing;
}

std::string remedy_of_stop(Version version, int index, const OutsideStatement& statement, Left left,
                           const std::string& words) {
  const std::string resume = fmt::format("`gauntlet-migrate resume {}`", version.number);
  const std::string resume_from = fmt::format("`gauntlet-migrate resume {} --from", version.number);
  switch (left) {
    case Left::nothing:
      return fmt::format("{} goes on with statement {}", resume, index);
    case Left::again:
      return fmt::format("{} goes on with statement {}: a second {} does no harm", resume, index,
                         statement.words);
    case Left::half:
      return fmt::format("{} {} and goes on", resume,
                         words.empty() ? fmt::format("looks at what statement {} left", index)
                                       : fmt::format("repairs what it left ({})", words));
    case Left::unknown:
      break;
  }
  return fmt::format(
      "part of statement {} may have been committed: see what it did; then {} {}` sends it again, "
      "or "
      "{} {}` goes on after it",
      index, resume_from, index, resume_from, index + 1);
}

std::string forget_remedy(Version version) {
  return fmt::format(
      "if the file is at fault, undo its statements by hand, then `gauntlet-migrate forget {}` "
      "lets "
      "the corrected file run from its start",
      version.number);
}

std::string remedy_of_whole_file(Version version) {
  return fmt::format(
      "part of it may have been committed, and a file that was sent whole is not resumed by "
      "number: "
      "finish its work by hand, then `gauntlet-migrate resume {} --from end` records it; or undo "
      "its "
      "work by hand, then `gauntlet-migrate forget {}` lets it run from its start",
      version.number, version.number);
}

}  // namespace gauntlet::runner
