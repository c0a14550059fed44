// The figures in the README are those of committed files, and not somebody's memory of them.
#include "harness/bench/study_json.h"
#include "harness/bench/study_text.h"

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::benchmarks {
namespace {

using testing::Key;
using testing::UnorderedElementsAre;

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(GAUNTLET_SOURCE_DIR "/" + file).rdbuf();
  return text.str();
}

/// What stands between comments that name a file, by that name.
std::map<std::string, std::string> figures_in(const std::string& text) {
  const std::string begin = "<!-- figures: ", named = " -->\n", end = "<!-- end of figures -->";
  std::map<std::string, std::string> figures;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    const std::size_t name_end = text.find(named, at), from = name_end + named.size();
    figures[text.substr(at, name_end - at)] = text.substr(from, text.find(end, from) - from);
  }
  return figures;
}

TEST(ReadmeFigures, AreThoseOfTheCommittedResults) {
  const auto shown = figures_in(contents_of("README.md"));
  EXPECT_THAT(shown, UnorderedElementsAre(Key("benchmarks/results/contention.json"),
                                          Key("benchmarks/results/others.json")));
  for (const auto& [results, figures] : shown) {
    EXPECT_EQ(figures, bench::markdown_of(bench::study_of(contents_of(results))))
        << "put into README.md, between the two comments, what this prints:\n"
           "  build/bin/gauntlet bench --markdown --read "
        << results;
  }
}

}  // namespace
}  // namespace gauntlet::benchmarks
