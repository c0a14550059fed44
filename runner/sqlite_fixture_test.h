// A folder with a database file that is not there yet and a folder of migrations: for the tests of
// this room.
#pragma once

#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/folder_test.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::runner {

class OnFile : public testing::Test {
 protected:
  OnFile() {
    std::filesystem::create_directory(folder_ / "migrations");
    std::filesystem::create_directory(folder_ / "data");
  }

  std::filesystem::path file() const { return folder_ / data_ / "app.db"; }
  std::string url() const { return "sqlite:" + file().string(); }
  std::unique_ptr<Session> open() const { return connect_sqlite(url()); }

  std::filesystem::path write(const std::string& name, const std::string& sql) const {
    return owned_.write("migrations/" + name, sql);
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

  const TestFolder owned_;
  const std::filesystem::path folder_ = owned_.path();
  std::string data_ = "data";  ///< the database's folder in it
};

}  // namespace gauntlet::runner
