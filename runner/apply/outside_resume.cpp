#include "runner/apply/outside_resume.h"

#include "runner/apply/outside.h"
#include "runner/apply/outside_rules.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

class Resumption {
 public:
  explicit Resumption(const OutsideRun& stopped) : stopped_(stopped) {}

  std::size_t first_to_resume(std::optional<int> from) const {
    if (from == resume_at_end) return stopped_.file.size();
    if (stopped_.mark.is_whole_file()) {
      throw Error(
          "not-resumable",
          fmt::format("{} was sent as one message, and stopped at no statement that could be "
                      "known",
                      stopped_.task.name()),
          stopped_.task.where(), remedy_of_whole_file(stopped_.mark.version));
    }
    refuse_edited();
    const int statements = static_cast<int>(stopped_.file.size());
    const int wanted = from.value_or(stopped_.mark.statement_index);
    if (wanted < 1 || wanted > statements + 1) {
      throw Error("bad-amount",
                  fmt::format("{} has {} statements; there is no statement {} to go on with",
                              stopped_.task.name(), statements, wanted),
                  stopped_.task.where(), fmt::format("give --from 1 to {}", statements + 1));
    }
    const std::size_t first = static_cast<std::size_t>(wanted) - 1;
    if (first == stopped_.file.size()) return first;
    refuse_inside_transaction(first);
    refuse_without_temporary(first);
    refuse_invalid(first);
    if (!from) refuse_unknown(first);
    return first;
  }

 private:
  void refuse_edited() const {
    if (stopped_.mark.checksum == stopped_.task.checksum()) return;
    throw Error("edited-after-apply",
                fmt::format("the file of {} is not the one that stopped at statement {}",
                            stopped_.task.name(), stopped_.mark.statement_index),
                stopped_.task.where(),
                fmt::format("restore the file; or undo its work by hand, then `gauntlet-migrate "
                            "forget {}`",
                            stopped_.mark.version.number));
  }

  // COMMIT would follow without its BEGIN, and each statement before it would commit by itself.
  void refuse_inside_transaction(std::size_t first) const {
    const std::size_t begin = stopped_.file.begin_of_transaction(first);
    if (begin == first) return;
    throw Error("bad-amount",
                fmt::format("statement {} of {} is inside the transaction that statement {} begins",
                            first + 1, stopped_.task.name(), begin + 1),
                stopped_.place_of(first),
                fmt::format("give --from {}: the transaction rolled back as a whole", begin + 1));
  }

  void refuse_without_temporary(std::size_t first) const {
    const std::size_t made = stopped_.file.temporary_before(first);
    if (made == stopped_.file.size()) return;
    throw Error("not-resumable",
                fmt::format("statement {} of {} made something temporary, which ended with its "
                            "session",
                            made + 1, stopped_.task.name()),
                stopped_.place_of(made),
                fmt::format("finish its work by hand, then `gauntlet-migrate resume {} --from end` "
                            "records it; {}",
                            stopped_.mark.version.number, forget_remedy(stopped_.mark.version)));
  }

  // Those that the statement itself repairs apart.
  void refuse_invalid(std::size_t first) const {
    const auto object =
        stopped_.file.what(stopped_.file.first_to_do(first) == first ? first : 0).object;
    if (object == OutsideStatement::Object::index || object == OutsideStatement::Object::reindex) {
      return;
    }
    const auto invalid =
        invalid_and_named(stopped_.rules.invalid_indexes(stopped_.session), stopped_.task.sql());
    if (invalid.empty()) return;
    throw Error(
        "invalid-index",
        fmt::format("an index that {} names is INVALID, and would stay so", stopped_.task.name()),
        stopped_.task.where() + list_of(invalid),
        fmt::format("drop it, then run `gauntlet-migrate resume {}` again",
                    stopped_.mark.version.number));
  }

  void refuse_unknown(std::size_t first) const {
    const OutsideStatement& what = stopped_.file.what(first);
    const Left left = left_unseen(what);
    if (left != Left::unknown || stopped_.mark.was_refused()) return;
    const bool unnamed_index = what.kind == OutsideStatement::Kind::object;
    if (unnamed_index &&
        stopped_.rules.look_up(stopped_.session, what).state == ObjectFound::State::half) {
      return;
    }
    throw Error("needs-from",
                fmt::format("nothing tells whether statement {} of {} took effect", first + 1,
                            stopped_.task.name()),
                stopped_.place_of(first),
                remedy_of_stop(stopped_.mark.version, static_cast<int>(first) + 1, what, left, {}));
  }

  const OutsideRun& stopped_;
};

std::size_t index_of(const Mark& mark) {
  return static_cast<std::size_t>(std::max(1, mark.statement_index)) - 1;
}

Error in_progress_error(const Applying& applying, const Mark& mark, const Migration& migration,
                        const AppliedSet& applied) {
  const Task task = task_of(mark, migration, applied);
  const SqlDialect& dialect = applying.session.dialect();
  const OutsideRules& rules = dialect.outside_rules();
  const OutsideFile file(dialect, task.sql());
  const auto invalid = invalid_and_named(rules.invalid_indexes(applying.session), task.sql());
  const bool edited = mark.checksum != task.checksum();
  const std::size_t index = file.first_to_do(index_of(mark));
  std::string where = task.where();
  std::string remedy = fmt::format("`gauntlet-migrate resume {}` records it", mark.version.number);
  if (mark.is_whole_file()) {
    remedy = remedy_of_whole_file(mark.version);
  } else if (index < file.size()) {
    if (!edited) where = task.where(place_of_byte(task.sql(), file.text(index).offset));
    const Left left = mark.was_refused() ? Left::nothing : left_unseen(file.what(index));
    remedy = remedy_of_stop(mark.version, static_cast<int>(index) + 1, file.what(index), left, {});
  }
  if (edited) {
    where += " (edited since)";
    remedy = "restore the file, then " + remedy;
  }
  return {"in-progress",
          fmt::format("{} stopped at {}, outside a transaction, and was not recorded", task.name(),
                      progress_of(mark)),
          fmt::format("{}, {}; mark in {}{}{}", where, begun_by(mark, dialect.process_noun()),
                      applying.tracker.quoted_marks(), list_of(invalid),
                      rules.half_done(applying.session, task.sql())),
          remedy + "\n         " + forget_remedy(mark.version)};
}

}  // namespace

std::size_t first_to_resume(const OutsideRun& stopped, std::optional<int> from) {
  return Resumption(stopped).first_to_resume(from);
}

void refuse_in_progress(const Applying& applying, const std::vector<Migration>& on_disk) {
  const AppliedSet& applied = applying.turn.reading().applied;
  for (const Mark& mark : applied.marks) {
    const auto migration = std::ranges::find(on_disk, mark.version, &Migration::version);
    if (migration != on_disk.end()) throw in_progress_error(applying, mark, *migration, applied);
  }
}

}  // namespace gauntlet::runner
