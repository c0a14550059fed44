// A folder with a database file that is not there yet and a folder of migrations: for the tests of
// this room.
#pragma once

#include "runner/apply.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace gauntlet::runner {

class OnFile : public testing::Test {
 protected:
  OnFile() {
    std::string name = (std::filesystem::temp_directory_path() / "gauntlet-sqlite-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    std::filesystem::create_directory(folder_ / "migrations");
    std::filesystem::create_directory(folder_ / "data");
  }
  ~OnFile() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path file() const { return folder_ / data_ / "app.db"; }
  std::string url() const { return "sqlite:" + file().string(); }
  std::unique_ptr<Session> open() const { return connect_sqlite(url()); }

  std::filesystem::path write(const std::string& name, const std::string& sql) const {
    std::filesystem::path path = folder_ / "migrations" / name;
    std::ofstream(path, std::ios::binary) << sql;
    return path;
  }
  Listing listing() const { return read_folder(folder_ / "migrations"); }

  std::vector<Version> up(const RunOptions& options = {}, const Observer& observer = {}) const {
    return runner::up(*sessions_of(url()), listing(), options, observer);
  }
  std::vector<Version> up(const Listing& listing, const RunOptions& options = {}) const {
    return runner::up(*sessions_of(url()), listing, options);
  }

  /// What the error of `work`, which must fail, says, all of it.
  template <typename Work>
  static std::string failure_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "it did not fail";
  }
  std::string failing_up(const RunOptions& options = {}) const {
    return failure_of([&] { up(options); });
  }

  /// The first value of the last statement, `null`, or `no row`.
  std::string value(const std::string& sql) const {
    const Result result = open()->send(sql).back();
    if (result.rows.empty()) return "no row";
    return result.rows.front().front().value_or("null");
  }
  void run(const std::string& sql) const { open()->send(sql); }

  /// Of every file beside the database: its name and its bytes.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / data_)) {
      std::ifstream stream(entry.path(), std::ios::binary);
      found[entry.path().filename()].assign(std::istreambuf_iterator<char>(stream), {});
    }
    return found;
  }

  std::filesystem::path folder_;
  std::string data_ = "data";  ///< the database's folder in it
};

}  // namespace gauntlet::runner
