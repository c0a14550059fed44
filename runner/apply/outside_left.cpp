#include "runner/apply/outside_left.h"

namespace gauntlet::runner {

namespace {

using Kind = OutsideStatement::Kind;

}  // namespace

Left left_by_failing(const OutsideStatement& what, const ObjectFound& before,
                     const ObjectFound& found, bool none_invalid, const SqlError& error,
                     const SqlDialect& dialect) {
  const bool refused_at_once = dialect.is_refused_at_once(error);
  switch (what.kind) {
    case Kind::commits:
      // Without a context, the statement itself was refused, and nothing in it ran.
      return refused_at_once && error.said().context.empty() ? Left::nothing : Left::unknown;
    case Kind::unknown:
      return refused_at_once ? Left::nothing : Left::unknown;
    case Kind::repeatable:
      if (found.state == ObjectFound::State::half) return Left::half;
      return refused_at_once ? Left::nothing : Left::again;
    case Kind::object:
      if (found.state == ObjectFound::State::half && before.state != ObjectFound::State::half) {
        return Left::half;
      }
      // Its slot is on another server, where nobody looks.
      if (what.object == OutsideStatement::Object::subscription && !refused_at_once &&
          !dialect.is_of_another_server(error)) {
        return Left::unknown;
      }
      return found.state == before.state && none_invalid ? Left::nothing : Left::unknown;
    case Kind::framed:
    case Kind::setting:
    case Kind::control:
      break;
  }
  return Left::nothing;
}

}  // namespace gauntlet::runner
