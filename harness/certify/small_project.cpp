#include "harness/certify/small_project.h"

#include "harness/crash/words.h"
#include "harness/formats/folder.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::certify {

void SmallProject::write(const std::vector<SmallFile>& files) const {
  const std::filesystem::path neutral = work_.path() / "neutral";
  for (const auto& folder : {neutral, path()}) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  formats::ProjectFiles texts;
  for (const SmallFile& file : files) {
    const std::string name = fmt::format("00{}_step", file.version);
    texts[name + ".up.sql"] = file.up;
    texts[name + ".down.sql"] = file.down;
  }
  formats::write_files(texts, neutral);
  fleet::make_project(subject_, database_.loopback(), neutral, path());
}

core::History SmallProject::run() const {
  return fleet::run_once(subject_.subject, database_, path(), subject_.timeout);
}

bool SmallProject::is_ok(const core::History& run) const {
  const core::Event* end = run.exit_of(0);
  const auto& codes = subject_.subject.success_codes;
  return end != nullptr && end->exit_code &&
         std::ranges::find(codes, *end->exit_code) != codes.end();
}

std::string SmallProject::said(const core::History& run) {
  if (run.outputs.empty()) return {};
  const std::string said = crash::last_words(run.outputs.front().err);
  return said.empty() ? crash::last_words(run.outputs.front().out) : said;
}

}  // namespace gauntlet::certify
