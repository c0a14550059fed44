// The program itself, run as its users run it: for the tests of this room.
#pragma once

#include "harness/process/process.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace gauntlet::cli {

inline const std::string program = GAUNTLET_BINARY_DIR "/bin/gauntlet";
inline const std::string orders = GAUNTLET_SOURCE_DIR "/migrations/orders";

inline process::Command command_of(std::vector<std::string> words,
                                   std::map<std::string, std::string> environment = {}) {
  words.insert(words.begin(), program);
  environment.emplace("TEST_DATABASE_URL", "");
  return {.argv = std::move(words), .environment = std::move(environment)};
}

inline process::Finished gauntlet(std::vector<std::string> words,
                                  std::map<std::string, std::string> environment = {}) {
  return process::run(command_of(std::move(words), std::move(environment)),
                      std::chrono::seconds(120));
}

/// A folder of files for one test; gone with it.
class TestFolder {
 public:
  TestFolder() {
    std::string name = std::filesystem::temp_directory_path() / "gauntlet-cli-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path() const { return path_; }
  std::string file(const std::string& name) const { return path_ / name; }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace gauntlet::cli
