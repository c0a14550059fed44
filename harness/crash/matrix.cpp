#include "harness/crash/matrix.h"

#include "harness/report/html_text.h"
#include "harness/report/report.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace gauntlet::crash {

namespace {

constexpr Outcome all_outcomes[] = {Outcome::converged,        Outcome::stopped_and_said,
                                    Outcome::stopped_silently, Outcome::recorded_wrongly,
                                    Outcome::applied_twice,    Outcome::lost,
                                    Outcome::not_done};

/// One word for a cell.
std::string_view word_of(Outcome outcome) {
  constexpr std::string_view words[] = {"ok", "says", "silent", "WRONG", "TWICE", "LOST", "?"};
  return words[static_cast<std::size_t>(outcome)];
}

std::string_view meaning_of(Outcome outcome) {
  constexpr std::string_view words[] = {
      "converged: a rerun completed everything, each migration once",
      "stopped-and-said-what-to-do: it stopped, and its words say what to do",
      "stopped-silently: it stopped, and its words do not say what to do (a warning)",
      "recorded-wrongly: the tracker and the database disagree",
      "applied-twice: something took effect more than once",
      "lost: reported or recorded as done, and not there",
      "the statement did not come in this run: nothing was harmed"};
  return words[static_cast<std::size_t>(outcome)];
}

bool is_told(const MatrixCell& cell) {
  return is_violated(cell.outcome) || cell.outcome == Outcome::stopped_silently ||
         cell.outcome == Outcome::not_done;
}

std::string label_of(const MatrixRow& row) {
  std::string label = row.label;
  if (row.outside_transaction) label += " (outside a transaction)";
  if (!row.same.empty()) label += fmt::format(" [and {} equal]", row.same.size());
  return label;
}

std::map<Outcome, std::size_t> counts_of(const Matrix& matrix) {
  std::map<Outcome, std::size_t> counts;
  for (const MatrixRow& row : matrix.rows)
    for (const auto& cell : row.cells)
      if (cell) ++counts[cell->outcome];
  return counts;
}

std::size_t width_of_harm(const fault::Harm& harm) {
  constexpr std::size_t least = 7;
  return std::max(least, harm.id.size() + 1);
}

std::string lines_of_rows(const Matrix& matrix) {
  std::size_t width = 0;
  for (const MatrixRow& row : matrix.rows) width = std::max(width, label_of(row).size());
  std::string lines = fmt::format("{:<{}} ", "harm done at", width);
  for (const fault::Harm& harm : matrix.harms)
    lines += fmt::format(" {:<{}}", harm.id, width_of_harm(harm));
  while (lines.back() == ' ') lines.pop_back();
  lines += "\n";
  for (const MatrixRow& row : matrix.rows) {
    lines += fmt::format("{:<{}} ", label_of(row), width);
    for (std::size_t harm = 0; harm < matrix.harms.size(); ++harm) {
      const auto& cell = row.cells[harm];
      std::string word(cell ? word_of(cell->outcome) : "-");
      if (cell && matrix.harms[harm].when == fault::Harm::When::running && !cell->was_running)
        word += "*";
      lines += fmt::format(" {:<{}}", word, width_of_harm(matrix.harms[harm]));
    }
    while (lines.back() == ' ') lines.pop_back();
    lines += "\n";
  }
  return lines;
}

bool has_short_ones(const Matrix& matrix) {
  for (const MatrixRow& row : matrix.rows)
    for (std::size_t harm = 0; harm < matrix.harms.size(); ++harm)
      if (row.cells[harm] && matrix.harms[harm].when == fault::Harm::When::running &&
          !row.cells[harm]->was_running)
        return true;
  return false;
}

core::Verdict verdict_of(Outcome outcome) {
  if (is_violated(outcome)) return core::Verdict::violated;
  return outcome == Outcome::not_done ? core::Verdict::unknown : core::Verdict::holds;
}

}  // namespace

std::string text(const Matrix& matrix) {
  std::string text = fmt::format("runner:  {}\n", matrix.subject);
  if (!matrix.server.empty()) text += fmt::format("server:  {}\n", matrix.server);
  text += "\n" + lines_of_rows(matrix) + "\n";
  const auto counts = counts_of(matrix);
  for (const Outcome outcome : all_outcomes) {
    const auto found = counts.find(outcome);
    if (found == counts.end()) continue;
    text +=
        fmt::format("  {:<7} {:>4}  {}\n", word_of(outcome), found->second, meaning_of(outcome));
  }
  if (has_short_ones(matrix))
    text +=
        "  *             the statement was over before it could be held: the harm was done before "
        "the client saw the reply, or right after it\n";
  for (const MatrixRow& row : matrix.rows)
    if (!row.same.empty())
      text += fmt::format("  equal to {}: {}\n", row.label, fmt::join(row.same, ", "));
  for (const std::string& note : matrix.notes) text += "note: " + note + "\n";
  for (const MatrixRow& row : matrix.rows) {
    for (std::size_t harm = 0; harm < matrix.harms.size(); ++harm) {
      const auto& cell = row.cells[harm];
      if (!cell || !is_told(*cell)) continue;
      text +=
          fmt::format("\n{}[{}]: {} at {}: {}\n  replay: {}\n",
                      is_violated(cell->outcome) ? "error" : "warning", to_string(cell->outcome),
                      matrix.harms[harm].id, row.label, cell->why, cell->replay);
    }
  }
  return text;
}

core::Report report_of(const Matrix& matrix, std::uint64_t seed) {
  core::Report report{.kind = "step", .seed = seed};
  for (const MatrixRow& row : matrix.rows) {
    core::Result result{.id = "crash/" + row.id, .subject = matrix.subject};
    for (std::size_t harm = 0; harm < matrix.harms.size(); ++harm) {
      const auto& cell = row.cells[harm];
      if (!cell) continue;
      result.seconds += std::chrono::duration<double>(cell->seconds);
      const core::Verdict verdict = verdict_of(cell->outcome);
      core::merge(result.judgement,
                  {.verdict = verdict,
                   .reason = verdict == core::Verdict::unknown ? cell->why : std::string()});
      if (!is_violated(cell->outcome) && cell->outcome != Outcome::stopped_silently) continue;
      if (result.replay.empty()) result.replay = cell->replay;
      result.judgement.findings.push_back(
          {.id = std::string(to_string(cell->outcome)),
           .message = fmt::format("{} at {}: {}", matrix.harms[harm].id, row.label, cell->why),
           .fix = "repeat it alone: " + cell->replay,
           .severity =
               is_violated(cell->outcome) ? core::Severity::violation : core::Severity::warning});
    }
    report.results.push_back(std::move(result));
  }
  return report;
}

std::string json(const Matrix& matrix, const core::Report& report) {
  using Json = nlohmann::ordered_json;
  Json object = Json::parse(report::json(report));
  Json rows = Json::array();
  for (const MatrixRow& row : matrix.rows) {
    Json cells = Json::array();
    for (std::size_t harm = 0; harm < matrix.harms.size(); ++harm) {
      const auto& cell = row.cells[harm];
      if (!cell) continue;
      cells.push_back({{"harm", matrix.harms[harm].id},
                       {"outcome", to_string(cell->outcome)},
                       {"why", cell->why},
                       {"seen_running", cell->was_running},
                       {"seconds", cell->seconds},
                       {"replay", cell->replay}});
    }
    rows.push_back({{"step", row.id},
                    {"label", row.label},
                    {"outside_transaction", row.outside_transaction},
                    {"equal", row.same},
                    {"cells", std::move(cells)}});
  }
  object["matrix"] = {{"subject", matrix.subject},
                      {"seconds", matrix.seconds},
                      {"notes", matrix.notes},
                      {"rows", std::move(rows)}};
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string html(const Matrix& matrix) {
  using report::html_text;
  std::string page =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>gauntlet crash</title>"
      "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2em}table{border-collapse:collapse}"
      "td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left}.ok{background:#dff3df}"
      ".says{background:#eef6d8}.silent{background:#fff1c2}.bad{background:#f8c9c4}"
      "code{white-space:pre-wrap}</style>";
  page += fmt::format("<h1>gauntlet crash: {}</h1><table><tr><th>harm done at</th>",
                      html_text(matrix.subject));
  for (const fault::Harm& harm : matrix.harms)
    page += fmt::format("<th title=\"{}\">{}</th>", html_text(harm.words), html_text(harm.id));
  page += "</tr>";
  for (const MatrixRow& row : matrix.rows) {
    page += fmt::format("<tr><th>{}</th>", html_text(label_of(row)));
    for (const auto& cell : row.cells) {
      if (!cell) {
        page += "<td>-</td>";
        continue;
      }
      const std::string_view style = is_violated(cell->outcome) ? "bad" : word_of(cell->outcome);
      page += fmt::format("<td class=\"{}\" title=\"{}\">{}</td>", style, html_text(cell->why),
                          to_string(cell->outcome));
    }
    page += "</tr>";
  }
  page += "</table>";
  for (const MatrixRow& row : matrix.rows)
    for (std::size_t harm = 0; harm < matrix.harms.size(); ++harm)
      if (const auto& cell = row.cells[harm]; cell && is_told(*cell))
        page += fmt::format("<h3>{}: {} at {}</h3><p>{}</p><p><code>{}</code></p>",
                            to_string(cell->outcome), html_text(matrix.harms[harm].id),
                            html_text(row.label), html_text(cell->why), html_text(cell->replay));
  for (const std::string& note : matrix.notes) page += "<p>" + html_text(note) + "</p>";
  return page + "</html>\n";
}

}  // namespace gauntlet::crash
