// The figures in the README are those of a committed file, and not somebody's memory of them.
#include "harness/bench/study_json.h"
#include "harness/bench/study_text.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace gauntlet::benchmarks {
namespace {

constexpr const char* results = "benchmarks/results/contention.json";

std::string contents_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(GAUNTLET_SOURCE_DIR "/" + file).rdbuf();
  return text.str();
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t found = text.find(begin);
  if (found == std::string::npos) return {};
  const std::size_t from = found + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

TEST(ReadmeFigures, AreThoseOfTheCommittedResults) {
  const std::string shown =
      between(contents_of("README.md"), std::string("<!-- figures: ") + results + " -->\n",
              "<!-- end of figures -->");
  const std::string measured = bench::markdown_of(bench::study_of(contents_of(results)));
  EXPECT_EQ(shown, measured) << "put into README.md, between the two comments, what this prints:\n"
                                "  build/bin/gauntlet bench --markdown --read "
                             << results;
}

}  // namespace
}  // namespace gauntlet::benchmarks
