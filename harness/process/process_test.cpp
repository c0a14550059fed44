#include "harness/process/process.h"

#include "harness/process/owner.h"
#include "harness/process/running.h"
#include "runner/values/error.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

Finished shell(const std::string& script) {
  return run({.argv = {"sh", "-c", script}}, seconds(30));
}

Process started_shell(const std::string& script) {
  return Process::start({.argv = {"sh", "-c", script}});
}

void wait_for_output(Process& process) {
  const auto deadline = steady_clock::now() + seconds(30);
  while (process.out().empty() && steady_clock::now() < deadline) process.wait_for(milliseconds(5));
}

bool is_alive(pid_t pid) { return Owner::of(pid).has_value(); }

bool dies(pid_t pid) {
  const auto deadline = steady_clock::now() + seconds(10);
  while (is_alive(pid) && steady_clock::now() < deadline) run({.argv = {"true"}}, seconds(10));
  return !is_alive(pid);
}

std::string code_of_starting(const Command& command) {
  try {
    Process::start(command);
  } catch (const runner::Error& error) {
    return error.code() + ": " + error.where();
  }
  return "started";
}

TEST(Process, TellsExitCodeAndBothOutputs) {
  const Finished finished = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(finished.exit.text(), "exit 3");
  EXPECT_EQ(finished.out, "out\n");
  EXPECT_EQ(finished.err, "err\n");
}

TEST(Process, TellsTheSignalThatEndedIt) {
  EXPECT_EQ(shell("kill -TERM $$").exit.text(), "killed by SIGTERM");
}

TEST(Process, OneThatDoesNotEndInTimeIsKilledAndSaid) {
  const Finished finished = run({.argv = {"sleep", "1000"}}, milliseconds(50));
  EXPECT_TRUE(finished.timed_out);
  EXPECT_EQ(finished.exit.signal, SIGKILL);
}

TEST(Process, AProgramThatIsNotThereIsAnError) {
  EXPECT_THAT(code_of_starting({.argv = {"gauntlet-no-such-program"}}),
              HasSubstr("cannot-start: gauntlet-no-such-program: No such file"));
}

TEST(Process, AFileThatMayNotBeExecutedIsAnError) {
  EXPECT_THAT(code_of_starting({.argv = {"/etc/passwd"}}), HasSubstr("Permission denied"));
}

TEST(Process, AFolderThatIsNotThereIsAnError) {
  EXPECT_THAT(code_of_starting({.argv = {"true"}, .directory = "/no/such/folder"}),
              HasSubstr("/no/such/folder: No such file"));
}

TEST(Process, RunsInItsFolderWithItsEnvironment) {
  const Finished finished = run({.argv = {"sh", "-c", "pwd; echo $COLOUR"},
                                 .environment = {{"COLOUR", "green"}},
                                 .directory = "/usr"},
                                seconds(30));
  EXPECT_EQ(finished.out, "/usr\ngreen\n");
}

TEST(Process, CarriesItsOwner) {
  EXPECT_EQ(shell("echo $GAUNTLET_OWNER").out, Owner::self().text() + "\n");
}

TEST(Process, AHeldOneRunsOnlyAfterItsRelease) {
  Process process = Process::start({.argv = {"echo", "ran"}, .held = true});
  EXPECT_FALSE(process.wait_for(milliseconds(50)));
  process.release();
  EXPECT_TRUE(process.wait_for(seconds(30)));
  EXPECT_EQ(process.out(), "ran\n");
}

TEST(Process, AHeldOneThatCannotStartSaysSoAsExit127) {
  Process process = Process::start({.argv = {"gauntlet-no-such-program"}, .held = true});
  process.release();
  const auto exit = process.wait_for(seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 127);
  EXPECT_EQ(process.err(), "cannot start gauntlet-no-such-program: No such file or directory\n");
}

TEST(Process, ReleasingOneThatWasKilledDoesNotEndUs) {
  Process process = Process::start({.argv = {"true"}, .held = true});
  process.kill_group();
  process.wait_for(seconds(30));
  process.release();
  EXPECT_EQ(process.exit()->signal, SIGKILL);
}

TEST(Process, AScriptWithoutAnInterpreterLineRunsAsInAShell) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("gauntlet-script-" + std::to_string(::getpid()));
  std::ofstream(file) << "echo \"script $1\"\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  const Finished finished = run({.argv = {file, "one"}}, seconds(30));
  std::filesystem::remove(file);
  EXPECT_EQ(finished.out, "script one\n");
}

TEST(Process, ALongOutputIsBoundedAndNeverBlocksTheWriter) {
  const Finished finished = shell("head -c 50000000 /dev/zero; echo end");
  EXPECT_TRUE(finished.exit.ok());
  EXPECT_LT(finished.out.size(), output_bytes_max + 100);
  EXPECT_THAT(finished.out, HasSubstr("end\n"));
}

TEST(Process, AnEndlessWriterDoesNotOutlastTheDeadline) {
  const Finished finished = run({.argv = {"yes"}}, milliseconds(50));
  EXPECT_TRUE(finished.timed_out);
}

TEST(Process, AGrandchildThatKeepsTheOutputOpenIsNotWaitedForLong) {
  Process process = started_shell("sleep 1000 & echo $!");
  const auto exit = process.wait_for(seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_TRUE(exit->ok());
}

TEST(Process, ItsWholeGroupEndsWithTheObject) {
  pid_t grandchild = 0;
  {
    Process process = started_shell("sleep 1000 & echo $!; wait");
    wait_for_output(process);
    grandchild = std::stoi(process.out());
    ASSERT_TRUE(is_alive(grandchild));
  }
  EXPECT_TRUE(dies(grandchild));
}

TEST(Process, AGrandchildEndsWithTheObjectAlsoAfterItsParent) {
  pid_t grandchild = 0;
  {
    Process process = started_shell("sleep 1000 >/dev/null 2>&1 & echo $!");
    process.wait_for(seconds(30));
    grandchild = std::stoi(process.out());
    ASSERT_TRUE(is_alive(grandchild));
  }
  EXPECT_TRUE(dies(grandchild));
}

TEST(Process, AllThatRunCanBeKilledAtOnce) {
  Process process = started_shell("sleep 1000");
  kill_all_running();
  const auto exit = process.wait_for(seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGKILL);
}

TEST(Process, ASignalGoesToTheProcess) {
  Process process =
      started_shell("trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  wait_for_output(process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait_for(seconds(30))->text(), "exit 5");
  EXPECT_EQ(process.out(), "ready\ncaught\n");
}

TEST(Process, StartsWithDefaultSignalsAndNoneBlocked) {
  struct sigaction ignore = {}, before = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  sigset_t set, mask_before;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, &mask_before);
  const std::string out =
      run({.argv = {"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}}, seconds(30)).out;
  ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  ::sigaction(SIGPIPE, &before, nullptr);
  EXPECT_EQ(out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(Process, InheritsNoDescriptorOfOurs) {
  const int ours = ::dup(2);  // without close-on-exec
  const std::string out = run({.argv = {"ls", "/proc/self/fd"}}, seconds(30)).out;
  ::close(ours);
  EXPECT_EQ(out, "0\n1\n2\n3\n");  // 3: the folder that it lists
}

TEST(Process, RootAloneMayRunItAsSomebodyElse) {
  const passwd* nobody = ::getpwnam("nobody");
  const Command as_nobody{
      .argv = {"id", "-u"},
      .run_as = Account{.name = "nobody", .uid = nobody->pw_uid, .gid = nobody->pw_gid}};
  if (::geteuid() != 0) {
    EXPECT_THROW(run(as_nobody, seconds(30)), runner::Error);
    return;
  }
  const Finished finished = run(as_nobody, seconds(30));
  EXPECT_EQ(finished.out, std::to_string(nobody->pw_uid) + "\n");
}

// A process between us and the sleeper is killed with SIGKILL, so that it cannot clean up.
TEST(Process, DiesWithWhoeverStartedIt) {
  std::array<int, 2> told{};
  ASSERT_EQ(::pipe(told.data()), 0);
  const pid_t between = ::fork();
  if (between == 0) {
    const Process sleeper = Process::start({.argv = {"sleep", "1000"}});
    const pid_t pid = sleeper.pid();
    if (::write(told[1], &pid, sizeof pid) > 0) ::pause();
    ::_exit(1);
  }
  pid_t sleeper = 0;
  ASSERT_EQ(::read(told[0], &sleeper, sizeof sleeper), static_cast<ssize_t>(sizeof sleeper));
  ::kill(between, SIGKILL);
  ::waitpid(between, nullptr, 0);
  EXPECT_TRUE(dies(sleeper));
}

TEST(WaitAny, TellsEachThatEndedOnce) {
  std::vector<Process> processes;
  processes.push_back(started_shell("read never"));
  processes.push_back(Process::start({.argv = {"sleep", "1000"}}));
  processes.push_back(Process::start({.argv = {"true"}, .held = true}));
  const auto deadline = steady_clock::now() + seconds(30);
  EXPECT_THAT(wait_any(processes, deadline), testing::ElementsAre(0));
  processes[2].release();
  EXPECT_THAT(wait_any(processes, deadline), testing::ElementsAre(2));
  EXPECT_THAT(wait_any(processes, steady_clock::now() + milliseconds(20)), testing::IsEmpty());
}

TEST(WaitAny, WithNothingToWaitForItReturnsAtOnce) {
  std::vector<Process> processes;
  EXPECT_THAT(wait_any(processes, steady_clock::now() + seconds(1000)), testing::IsEmpty());
}

}  // namespace
}  // namespace gauntlet::process
