// What the tests of the checks on SQLite stand on: a folder of migrations, a file that plays the
// user's, and a runner as people write them, honest or with one flaw. For tests only; one thread.
#pragma once

#include "harness/verify/test_ground.h"
#include "runner/sqlite.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace gauntlet::verify::test {

/// Python's own client, in a transaction of its own. `mode` is one of: honest, nothing (reports
/// success at once), no-lock (reads what is pending, then applies it, under no lock), deferred (the
/// lock comes with the first write), cascades (a connection that enforces foreign keys and nothing
/// else), skips-last (records the last file and does not run it), impatient (honest, and gives up
/// at once where the file is locked), code (has step 2 as code, which multiplies every t.v by ten),
/// code-skips-last (both), code-refuses-gaps (gives up where a later step is applied already).
inline constexpr std::string_view python_runner = R"(
import glob, os, sqlite3, sys
mode, path, folder = sys.argv[1:4]
if mode == 'nothing': sys.exit(0)
db = sqlite3.connect(path, timeout=0 if mode == 'impatient' else 30, isolation_level=None)
if mode == 'cascades': db.execute('PRAGMA foreign_keys = ON')
def run(sql):
    part = ''
    for line in sql.splitlines(True):
        part += line
        if sqlite3.complete_statement(part):
            db.execute(part)
            part = ''
def applied():
    return {row[0] for row in db.execute('SELECT version FROM applied_migrations')}
tracker = ('CREATE TABLE IF NOT EXISTS applied_migrations'
           '(version integer, name text, applied_at text, checksum text)')
if mode == 'no-lock': db.execute(tracker)
elif mode == 'deferred':
    db.execute('BEGIN')
    db.execute('SELECT count(*) FROM sqlite_master').fetchall()
    db.execute(tracker)
else:
    db.execute('BEGIN IMMEDIATE')
    db.execute(tracker)
done = applied()
files = sorted(glob.glob(os.path.join(folder, '*.up.sql')))
def code_before(number):
    if not mode.startswith('code') or 2 in done or number <= 2: return
    if mode == 'code-refuses-gaps' and done and max(done) > 2: sys.exit('a later step is applied')
    db.execute('UPDATE t SET v = v * 10')
    db.execute('INSERT INTO applied_migrations(version, name) VALUES (2, ?)', ('tenfold',))
    done.add(2)
for file in files:
    number, name = os.path.basename(file)[:-len('.up.sql')].split('_', 1)
    code_before(int(number))
    if int(number) in done: continue
    if not (mode.endswith('skips-last') and file == files[-1]): run(open(file).read())
    db.execute('INSERT INTO applied_migrations(version, name) VALUES (?, ?)', (int(number), name))
if mode != 'no-lock': db.execute('COMMIT')
)";

/// A user's SQLite file, whose bytes are compared at the end.
class GivenSqlite {
 public:
  explicit GivenSqlite(std::string_view sql) : file_(folder_.path() / "app.db") {
    runner::connect_sqlite(url())->send(sql);
    before_ = bytes();
  }
  std::string url() const { return "sqlite:" + file_.string(); }
  bool is_untouched() const {
    const auto files = std::distance(std::filesystem::directory_iterator(folder_.path()),
                                     std::filesystem::directory_iterator());
    return bytes() == before_ && files == 1;
  }

 private:
  std::string bytes() const {
    std::ifstream stream(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  Folder folder_;
  std::filesystem::path file_;
  std::string before_;
};

/// The python runner in `mode` over `folder`.
inline Options python_options(const Folder& folder, const std::string& database,
                              const std::string& mode) {
  static const Folder scripts;
  const std::filesystem::path script = scripts.path() / "runner.py";
  if (!std::filesystem::exists(script)) {
    std::ofstream stream(script);
    stream << python_runner;
  }
  Options options = options_for(folder, database);
  options.runner = "python3 " + script.string() + " " + mode + " {path} {migrations}";
  return options;
}

constexpr const char* ephemeral_file = "sqlite:ephemeral";

inline std::string all_told(const core::Result& result) {
  return testing::PrintToString(ids_of(result)) + told_by(result);
}

inline core::Result boot_of(const Folder& folder, const std::string& database,
                            const std::string& mode) {
  return judge(python_options(folder, database, mode), "boot");
}

}  // namespace gauntlet::verify::test
