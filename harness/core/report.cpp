#include "harness/core/report.h"

namespace gauntlet::core {

Verdict Report::verdict() const {
  Verdict whole = Verdict::not_applicable;
  for (const Result& result : results) whole = worst(whole, result.judgement.verdict);
  return whole == Verdict::not_applicable ? Verdict::unknown : whole;
}

int Report::exit_code() const {
  switch (verdict()) {
    case Verdict::holds:
      return 0;
    case Verdict::violated:
      return 1;
    case Verdict::unknown:
    case Verdict::not_applicable:
      break;
  }
  return 2;
}

}  // namespace gauntlet::core
