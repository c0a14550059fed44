// A scenario is data: what is on disk, who starts when, what goes wrong meanwhile, and which
// oracles judge. No control flow.
#pragma once

#include "harness/core/step.h"
#include "harness/fault/fault.h"
#include "runner/values/engine.h"
#include "runner/values/lock_mode.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::scenario {

/// A file of the migrations' folder.
struct File {
  std::string name;  ///< `001_orders.up.sql`
  std::string sql;
};

enum class Arrival {
  together,   ///< all stand at the gate with their first step before one is let go
  staggered,  ///< each comes at a random moment within half a second
};

/// Somebody outside the fleet holds the migration lock when the replicas come. It is given back
/// once all of them were seen to ask for it, or ended, and `window` has passed.
struct ForeignLock {
  enum class Until { all_asked, all_ended };

  std::chrono::milliseconds window{1'000};
  Until until = Until::all_asked;
};

/// Somebody else's session in the database: it has run `sql` when the replicas come, and commits
/// once all of them were seen to ask for the lock, or ended, and `window` has passed.
struct Bystander {
  std::string_view sql;
  std::chrono::milliseconds window{500};
  /// It stands for the tool before; a program that is that tool itself finds its lock held, too.
  bool is_predecessor = false;
};

/// What a replica is told to do.
enum class Action { up, down, status, check, plan, accept, resume, forget };

/// How some replicas of a stage are called.
struct Call {
  Action action = Action::up;
  /// down: so many, 0 all of them; accept, resume, forget: the version.
  std::int64_t amount = 0;
  /// An older release: it has only the files up to this version. 0: all.
  std::int64_t knows_up_to = 0;
  std::string_view table = {};  ///< of the tracker; empty: the runner's default
};

/// Replicas beside the others of their stage that are called otherwise.
struct Beside {
  std::size_t replicas = 1;
  Call call = {};
  std::string_view runner = {};  ///< the command of another program; empty: the one under test
  std::vector<File> files = {};  ///< of its own, as an older release has them; empty: the stage's

  bool is_another() const { return !runner.empty() || !files.empty(); }
};

/// SQL that runs before a version's migration, on a session of its own.
struct HookSql {
  std::int64_t version = 0;
  std::string_view sql;
};

/// A step that is held at the gate until something has happened: a window that does not depend on
/// time.
struct Hold {
  enum class Until {
    all_asked,      ///< every replica was seen to ask for the lock, has ended, or stands here too
    two_stand,      ///< a second replica stands at such a step, or nobody is left who could
    another_ended,  ///< of the first replica that comes here: another one has ended
  };

  std::string_view sql_has;
  Until until = Until::all_asked;
  std::chrono::milliseconds at_most{30'000};  ///< a run that needed more is unknown, but for
                                              ///< another_ended: there it is the pause itself
};

/// What replicas are: threads, whose every step stops at the gate, or processes of the program.
enum class As { threads, processes };

/// By which way replicas reach the server.
enum class Way {
  straight,
  pooler,  ///< a pgbouncer that lends a server session for a transaction at a time
};

/// The first process is harmed while the server is seen to run a statement of it; only then the
/// others come.
struct SeenHarm {
  enum class What {
    killed,        ///< SIGKILL
    paused,        ///< SIGSTOP; SIGCONT once another one has ended, or `at_most` has passed
    asked_to_end,  ///< SIGTERM; SIGKILL if it still runs after `at_most`
  };

  What what = What::killed;
  std::string_view at;  ///< text of the statement
  std::chrono::milliseconds at_most{1'500};
  /// What somebody else does before the first one starts, and once it was harmed.
  std::string_view before = {}, after = {};
};

/// One deploy: replicas that start over the same folder.
struct Stage {
  std::string_view name;  ///< `first deploy`
  /// What joins the folder before it, or replaces what has the same name.
  std::vector<File> files = {};
  std::vector<std::string_view> removed = {};  ///< files that leave it
  /// SQL that somebody else runs in the database before it.
  std::string_view prepare = {};
  std::size_t replicas = 16;
  Arrival arrival = Arrival::together;
  /// So many connections are shared by all replicas; 0: each opens its own.
  std::size_t connections = 0;
  std::string_view table = {};  ///< of the tracker; empty: the runner's default
  std::optional<ForeignLock> foreign_lock = {};
  std::vector<std::string_view> oracles = {};

  Call call = {};                   ///< `table` above wins over the call's
  std::vector<Beside> beside = {};  ///< numbered after the others
  std::optional<Bystander> bystander = {};
  std::vector<HookSql> hooks = {};
  std::vector<Hold> holds = {};
  std::vector<fault::Fault> faults = {};
  /// They fit statements of the files, so that any program's come to them.
  bool faults_fit_any_program = false;
  /// Of any program, in the place of the faults: every read of its tracker is refused with this
  /// SQLSTATE. Empty: none is.
  std::string_view tracker_refused_with = {};
  /// Of any program, in the place of the faults: the server answers the release of its advisory
  /// lock with false, and the lock stays.
  bool unlock_is_false = false;
  /// The first replica to bring a step with this text to the gate is interrupted there.
  std::string_view interrupted_at = {};
  /// The direction as a person typed it; absent: the call's own.
  std::optional<std::string_view> direction = {};
  /// The code that a failing replica must name; empty: any; absent: none is to fail.
  std::optional<std::string> expected_error = {};
  std::string_view expected_warning = {};  ///< what each must say, although it succeeds
  /// A word in name and text of a file that resembles a migration and is none: any program applies
  /// it, names it, or refuses, in whatever words. Empty: there is no such file.
  std::string_view resembling = {};
  std::vector<int> success_codes = {0};
  /// How long a replica waits for the lock, and for a session of its pool; absent: as long as the
  /// scenario's patience.
  std::optional<std::chrono::milliseconds> lock_wait = {};
  /// Which key the lock has: one that nobody else has, or the runner's own, from the tracker's
  /// name.
  enum class Key { unique, derived };
  Key key = Key::unique;
  As as = As::threads;
  Way way = Way::straight;
  runner::LockMode lock = runner::LockMode::notify;
  std::optional<SeenHarm> first_is = {};  ///< where they are processes
  /// What harms the first copy of any program, in the place of holds and faults above.
  std::optional<SeenHarm> first_of_program_is = {};
  /// What a SQLite database's file holds before it, in the place of a database.
  std::string_view bytes = {};
};

/// May a user's own files take the place of a scenario's?
enum class Fixture {
  needed,       ///< its claim is about them
  replaceable,  ///< any files do
};

/// What a program must do for a scenario to be about it.
enum class Subject {
  any,
  must_lock,
  takes_over,  ///< goes on where golang-migrate was, so it reads files that are named alike
};

/// Whom the claim is about. Of replicas a program starts as many, and is compared with itself
/// alone, which it must get through. Of one it starts one, and is compared with the reference
/// runner alone: what its replicas do to one another is no part of the claim.
enum class About { replicas, one_replica };

/// What becomes of a pool of ours where the replicas are a program's processes, which have
/// connections of their own.
enum class Pool {
  needed,    ///< the claim is about it
  left_out,  ///< the rest of the claim is asked without it
};

struct Scenario {
  std::string_view id;     ///< `family/name`
  std::string_view claim;  ///< one sentence: what holds
  std::string_view why;    ///< one sentence: what happens in production where it does not
  std::vector<Stage> stages;
  /// Of one stage. Whoever is not done then is ended, and the result is unknown.
  std::chrono::milliseconds patience{60'000};
  /// The stages run again and again on fresh databases, each time with one of these rulings at the
  /// next step of replica 0 in the first stage, until it ends before the step comes. Empty: once.
  std::vector<core::Ruling::What> sweep = {};
  Fixture fixture = Fixture::needed;
  Subject subject = Subject::any;
  About about = About::replicas;
  Pool pool = Pool::needed;
  /// The oracles that the claim is about: their findings come first.
  std::vector<std::string_view> claims = {};
  /// A stage that must fail is asked of any program, in whatever words it fails; all of them are
  /// refused, or with `or_applied` done in full.
  enum class Refusal { own_words, by_any, by_any_or_applied };
  Refusal refusal = Refusal::own_words;
  bool has_users_files = false;  ///< its files are a user's own, not ones that Gauntlet made
  runner::Engine engine = runner::Engine::postgres;
};

}  // namespace gauntlet::scenario
