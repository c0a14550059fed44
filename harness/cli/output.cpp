#include "harness/cli/output.h"

#include "harness/process/fd.h"
#include "runner/values/error.h"
#include "runner/values/visible_text.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

std::string safe(std::string_view text, Form form) {
  switch (form) {
    case Form::json:
      return runner::visible_json(text);
    case Form::coloured_text:
      return runner::visible_text(text, runner::Colours::kept);
    case Form::text:
      break;
  }
  return runner::visible_text(text);
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool is_ours_or_roots(uid_t owner) { return owner == ::geteuid() || owner == 0; }

runner::Error cannot_write(const std::filesystem::path& file, const std::string& reason,
                           std::string fix =
                               "name a file in a folder that exists and that this "
                               "user may write to") {
  return {"cannot-write", "the file could not be written: " + reason, file.string(),
          std::move(fix)};
}

[[noreturn]] void throw_foreign_link(const std::filesystem::path& file) {
  throw cannot_write(file, "it is a link that belongs to another account",
                     "name another file, or remove the link");
}

process::Fd open_to_write(const std::filesystem::path& file, int more_flags, mode_t mode) {
  return process::Fd(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | more_flags, mode));
}

/// A link of our own, and one of the system such as /dev/stdout, is followed.
process::Fd open_behind_no_foreign_link(const std::filesystem::path& file, mode_t mode) {
  process::Fd fd = open_to_write(file, O_NOFOLLOW, mode);
  struct stat status {};
  if (!fd.is_open() && errno == ELOOP) {
    if (::lstat(file.c_str(), &status) != 0 || !is_ours_or_roots(status.st_uid))
      throw_foreign_link(file);
    fd = open_to_write(file, 0, mode);
  }
  if (!fd.is_open()) throw cannot_write(file, std::strerror(errno));
  const bool is_second_name = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) &&
                              status.st_nlink > 1 && status.st_uid != ::geteuid();
  if (is_second_name) throw_foreign_link(file);
  return fd;
}

}  // namespace

void print_result(std::string_view text, Form form) {
  const std::string shown = safe(text, form);
  const bool is_written = std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size();
  if (!is_written || std::fflush(stdout) != 0)
    throw runner::Error("cannot-write", "the results could not be written to stdout",
                        std::strerror(errno), "make room, or let the reader read to the end");
}

void print_error(std::string_view text) {
  const std::string shown = safe(text, Form::text);
  std::fwrite(shown.data(), 1, shown.size(), stderr);
  std::fflush(stderr);
}

void write_file(const std::filesystem::path& file, std::string_view text, Form form,
                Readers readers) {
  const mode_t mode = readers == Readers::owner ? 0600 : 0666;
  const process::Fd fd = open_behind_no_foreign_link(file, mode);
  struct stat status {};
  const bool is_regular = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
  // Before the first byte: an older file may be open to others.
  if (is_regular && readers == Readers::owner && ::fchmod(fd.get(), mode) != 0)
    throw cannot_write(file, std::strerror(errno));
  if (is_regular && ::ftruncate(fd.get(), 0) != 0) throw cannot_write(file, std::strerror(errno));
  if (!write_all(fd.get(), safe(text, form))) throw cannot_write(file, std::strerror(errno));
}

runner::Error no_database() {
  return {"no-database", "these checks need a database, and none was given",
          "--database and TEST_DATABASE_URL are both empty",
          "add `--database ephemeral` to start a throwaway server, or set "
          "TEST_DATABASE_URL=postgresql://… to use a scratch server; `--checks lint` needs none"};
}

core::Report undecided(std::string_view command, std::string reason, std::uint64_t seed) {
  core::Report report;
  report.seed = seed;
  report.results.push_back(
      {.id = std::string(command), .subject = {}, .judgement = core::unknown(std::move(reason))});
  return report;
}

}  // namespace gauntlet::cli
