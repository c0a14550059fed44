// A throwaway server, an empty folder of migrations and ways to look at both: for the tests of this
// room.
#pragma once

#include "harness/arena/server.h"
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/folder_test.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::runner {

class OnServer : public testing::Test {
 protected:
  std::string conninfo() const { return server_->local().conninfo(); }
  std::unique_ptr<Session> connect() const {
    return connect_postgres(conninfo(), {.application_name = "test"});
  }

  std::filesystem::path write(const std::string& name, const std::string& sql) const {
    return owned_.write(name, sql);
  }
  Listing listing() const { return read_folder(folder_); }

  std::vector<Version> up(const RunOptions& options = {}, const Observer& observer = {}) const {
    return runner::up(*sessions_of(conninfo()), listing(), options, observer);
  }

  /// What the error of a run that must fail says, all of it.
  std::string failing_up(const RunOptions& options = {}) const {
    try {
      up(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "the run did not fail";
  }

  /// The first value of the last statement, `null`, or `no row`.
  std::string value(const std::string& sql) const {
    const Result result = connect()->send(sql).back();
    if (result.rows.empty()) return "no row";
    return result.rows.front().front().value_or("null");
  }
  void run(const std::string& sql) const { connect()->send(sql); }

  /// Asks again until `sql` gives `t`; false after a minute.
  bool eventually(const std::string& sql) const {
    const auto session = connect();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < deadline) {
      if (session->send(sql).back().rows.front().front() == "t") return true;
      session->wait_for_notification(std::chrono::milliseconds(5), -1);
    }
    return false;
  }

  const TestFolder owned_;
  const std::filesystem::path folder_ = owned_.path();
  std::unique_ptr<arena::Server> server_ = arena::Server::start({});
};

}  // namespace gauntlet::runner
