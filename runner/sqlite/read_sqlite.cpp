// Reads a SQLite database and leaves its folder as it was, byte for byte.
//
// An ordinary read-only connection does that only where there is no write-ahead log: beside one it
// writes the log's index. So the files decide how the database is opened (SQLite manual, "Write-
// Ahead Logging", read-only databases; "URI Filenames", immutable):
//   no log, a rollback header   as any reader does: nothing is written
//   no log, a log's header      as if it never changed; looked at before and after
//   a log and its index         read-only index: the log's own protocol, without a write
//   a log alone                 a private copy of both; a writer died, or they were copied here
//   a hot journal               refused: the file holds half a transaction until a writer undoes it
// All of it under a shared lock on the file, so that none of these turns into another meanwhile.
#include "runner/sqlite/read_sqlite.h"

#include "runner/sqlite/session_sqlite.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <vector>

#include <poll.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace gauntlet::runner {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr int tries = 20;
constexpr milliseconds between_tries{50};
constexpr milliseconds patience_with_a_commit{1000};

// What tells one state of a file from another.
using State = std::tuple<ino_t, off_t, time_t, long, time_t, long>;

std::optional<State> state_of(const fs::path& file) {
  struct stat seen {};
  if (stat(file.c_str(), &seen) != 0) return std::nullopt;
  return State{seen.st_ino,          seen.st_size,        seen.st_mtim.tv_sec,
               seen.st_mtim.tv_nsec, seen.st_ctim.tv_sec, seen.st_ctim.tv_nsec};
}

fs::path beside(const fs::path& file, const char* suffix) { return file.string() + suffix; }

bool holds_bytes(const fs::path& file) {
  struct stat seen {};
  return stat(file.c_str(), &seen) == 0 && seen.st_size > 0;
}

// The state of everything that a reader may depend on; the log's index is no part of it.
std::array<std::optional<State>, 3> states_of(const fs::path& file) {
  return {state_of(file), state_of(beside(file, "-wal")), state_of(beside(file, "-journal"))};
}

// SQLite's own view of the file: its locks, and no descriptor of ours, whose closing would take
// away the locks that other connections of this process have on it (POSIX locks are a process's).
class RawFile {
 public:
  explicit RawFile(const fs::path& file) : vfs_(sqlite3_vfs_find(nullptr)) {
    name_.reset(sqlite3_create_filename(file.c_str(), "", "", 0, nullptr));
    bytes_.resize(static_cast<std::size_t>(vfs_->szOsFile));
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    if (vfs_->xOpen(vfs_, name_.get(), handle(), flags, &flags) != SQLITE_OK) {
      throw Error("connect-failed", "the file cannot be read", file.string(),
                  "check the rights on the file and its folder");
    }
  }
  ~RawFile() {
    handle()->pMethods->xUnlock(handle(), SQLITE_LOCK_NONE);
    handle()->pMethods->xClose(handle());
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  /// While it lives nobody commits to the file, nor takes a log away; false if somebody does now.
  bool try_share() { return handle()->pMethods->xLock(handle(), SQLITE_LOCK_SHARED) == SQLITE_OK; }

  /// Fewer bytes at the end of the file.
  std::string read(std::int64_t offset, std::size_t count) {
    sqlite3_int64 size = 0;
    handle()->pMethods->xFileSize(handle(), &size);
    if (offset >= size) return {};
    std::string bytes(std::min(count, static_cast<std::size_t>(size - offset)), '\0');
    const int code =
        handle()->pMethods->xRead(handle(), bytes.data(), static_cast<int>(bytes.size()), offset);
    return code == SQLITE_OK ? bytes : std::string();
  }

  /// Whether some connection is about to write, or writes.
  bool has_a_writer() {
    int reserved = 0;
    return handle()->pMethods->xCheckReservedLock(handle(), &reserved) == SQLITE_OK &&
           reserved != 0;
  }

 private:
  struct FreeName {
    void operator()(const char* name) const { sqlite3_free_filename(name); }
  };

  sqlite3_file* handle() { return reinterpret_cast<sqlite3_file*>(bytes_.data()); }

  sqlite3_vfs* vfs_;
  std::unique_ptr<const char, FreeName> name_;
  std::vector<char> bytes_;
};

// The header's bytes 18 and 19 (SQLite manual, "Database File Format"): 2 where a log is used.
bool uses_a_log(RawFile& raw) {
  const std::string header = raw.read(18, 2);
  return header.size() == 2 && header[0] == 2;
}

// A journal counts unless it was emptied or its header was zeroed, as two journal modes do.
bool has_journal(const fs::path& file) {
  std::ifstream stream(beside(file, "-journal"), std::ios::binary);
  return stream.get() > 0;
}

Error hot_journal(const fs::path& file) {
  return {"hot-journal", "a writer died in mid-transaction, and its half is still in the file",
          beside(file, "-journal").string(),
          "let a writer undo it: open the database once with a program that may write it, as "
          "`gauntlet-migrate up` does"};
}

class PrivateCopy {
 public:
  explicit PrivateCopy(const fs::path& file) {
    std::string name = (fs::temp_directory_path() / "gauntlet-copy-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw Error("connect-failed",
                  "a write-ahead log without its index is read from a copy, and "
                  "there is no room for one",
                  fs::temp_directory_path().string(), "make room there");
    }
    folder_ = name;
    copy(file, this->file());
    fs::copy_file(beside(file, "-wal"), beside(this->file(), "-wal"));
  }
  ~PrivateCopy() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;

  fs::path file() const { return folder_ / "copy.db"; }

 private:
  static void copy(const fs::path& from, const fs::path& to) {
    constexpr std::size_t piece = 1U << 20U;
    RawFile raw(from);
    std::ofstream stream(to, std::ios::binary);
    for (std::string bytes = raw.read(0, piece); !bytes.empty();) {
      stream << bytes;
      bytes = raw.read(stream.tellp(), piece);
    }
    if (!stream.flush()) {
      throw Error("connect-failed", "the copy that it is read from cannot be written", to.string(),
                  "make room there");
    }
  }

  fs::path folder_;
};

// Through what sort of session a file is read, and what reads it.
struct Reader {
  void read_through(const fs::path& file, SqliteAccess access) const {
    const auto session = open_sqlite(file, access, dialect);
    session->limit({.lock_wait = patience_with_a_commit});
    read(*session);
  }

  const std::function<void(Session&)>& read;
  const SqlDialect& dialect;
};

enum class Look {
  seen,
  locked,   // somebody commits to it, or has it to himself
  changed,  // what was seen may be no state that the database ever had
};

Look look(const fs::path& file, const Reader& reader) {
  RawFile raw(file);
  if (!raw.try_share()) return Look::locked;
  const auto before = states_of(file);
  if (holds_bytes(beside(file, "-wal"))) {
    if (fs::exists(beside(file, "-shm"))) {
      reader.read_through(file, SqliteAccess::read_with_shm);
      return Look::seen;
    }
    const PrivateCopy copy(file);
    if (states_of(file) != before || fs::exists(beside(file, "-shm"))) return Look::changed;
    reader.read_through(copy.file(), SqliteAccess::write);
    return Look::seen;
  }
  if (has_journal(file) && !raw.has_a_writer()) throw hot_journal(file);
  if (!uses_a_log(raw)) {
    reader.read_through(file, SqliteAccess::read);
    return Look::seen;
  }
  reader.read_through(file, SqliteAccess::read_still);
  return states_of(file) == before ? Look::seen : Look::changed;
}

}  // namespace

void read_sqlite_file(const std::string& database, const std::function<void(Session&)>& read,
                      const SqlDialect& dialect) {
  const Reader reader{.read = read, .dialect = dialect};
  const fs::path file = sqlite_file_of(database);
  std::error_code unknown;
  if (!fs::exists(file, unknown)) throw no_such_file(file);
  if (fs::is_directory(file, unknown)) open_sqlite(file, SqliteAccess::read, dialect);
  Look last = look(file, reader);
  for (int again = 1; last != Look::seen && again < tries; ++again) {
    poll(nullptr, 0, static_cast<int>(between_tries.count()));
    last = look(file, reader);
  }
  if (last == Look::seen) return;
  throw Error("busy",
              last == Look::locked ? "a writer has the database to himself"
                                   : "the database changed each time it was read",
              file.string(), "try again when its writers are done");
}

}  // namespace gauntlet::runner
