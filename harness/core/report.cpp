#include "harness/core/report.h"

#include <fmt/format.h>

namespace gauntlet::core {

std::string to_string(const FileOutcome& file) {
  switch (file.what) {
    case FileOutcome::What::ok:
      return "ok";
    case FileOutcome::What::failed:
      return "failed";
    case FileOutcome::What::not_judged:
      break;
  }
  return fmt::format("not judged: {}", file.why);
}

Verdict Report::verdict() const {
  Verdict whole = Verdict::not_applicable;
  for (const Result& result : results) {
    const Verdict verdict = result.judgement.verdict;
    whole = worst(whole, verdict == Verdict::nothing_judged ? Verdict::unknown : verdict);
  }
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
    case Verdict::nothing_judged:
      break;
  }
  return 2;
}

std::string server_name(const ServerFacts& server) {
  return server.version.starts_with("SQLite") ? server.version : "PostgreSQL " + server.version;
}

}  // namespace gauntlet::core
