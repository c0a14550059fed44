// The layouts of migration tools: how a tool's files become ordered steps, by which rules it frames
// and refuses them, and how our neutral files become a project that it reads. Pure: folders are
// read and written by folder.h.
#pragma once

#include "runner/source/source.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::formats {

/// How a tool sends one file to the server.
enum class Delivery {
  in_transaction,  ///< BEGIN; file; record; COMMIT
  as_one_message,  ///< the file as it stands, in one message: an implicit transaction if it has two
                   ///< statements
  by_statement,    ///< outside a transaction, one message a statement
};

/// A file of a tool's folder.
struct File {
  std::filesystem::path path = {};  ///< as messages name it
  std::string name = {};            ///< within the folder, parts separated by `/`
  std::string bytes = {};
};

/// What a tool makes of its folder.
struct Reading {
  /// The steps in the tool's order. The text of each is neutral: what does not belong to its
  /// direction is blank, so that lines and columns are the file's, and the tool's own words for
  /// "no transaction" have become `-- gauntlet: no-transaction`.
  runner::Listing listing = {};
  std::vector<std::string> notes = {};  ///< what is skipped, and why
  /// Why nothing but the tool itself can apply the files as they are; empty if they are SQL.
  std::string only_by_its_runner = {};
  /// Steps that are code, which nothing but the tool can run; they are in no listing.
  struct CodeStep {
    std::string file = {};
    runner::Version version = {};
  };
  std::vector<CodeStep> skipped = {};
};

/// What a project consists of: files, by their path within it.
using ProjectFiles = std::map<std::string, std::string>;

/// What a tool does with folders that are not one file a version.
struct Rules {
  enum class Duplicates {
    refused,      ///< the tool does not start
    warned,       ///< another runner decides: both steps are kept
    set_by_name,  ///< the tool tells steps apart by their whole name
  };
  enum class LoneDown {
    refused,     ///< the tool does not start
    empty_step,  ///< the version is recorded, and nothing is run
    skipped,     ///< the file is passed over
  };
  bool asks_a_runner = false;  ///< another runner decides: as_read_by_any_runner()
  Duplicates duplicates = Duplicates::refused;
  LoneDown lone_down = LoneDown::refused;
};

struct Format {
  std::string_view name;
  std::string_view files = {};  ///< what its files look like
  /// May a file say BEGIN and COMMIT itself?
  bool own_transactions = false;
  /// May a file without a marker consist of one statement that cannot run in a transaction?
  bool lone_statement = false;
  /// Can a file say that it wants no transaction? In neutral text: `-- gauntlet: no-transaction`.
  bool marker = false;
  /// What a user writes to say so.
  std::string_view marker_fix = "make `-- gauntlet: no-transaction` the first line of the file";
  /// How a file with the marker is sent.
  Delivery marked = Delivery::by_statement;
  /// The option that makes gauntlet-migrate follow these conventions.
  std::string_view runner_mode = "directive";  ///< value of --no-transaction
  /// Are its files sent by psql, whose commands and COPY data they may hold?
  bool psql = false;
  /// Does a byte-order mark at a file's beginning make the tool fail?
  bool fails_on_mark = false;
  /// Can gauntlet-migrate read the folder as it stands?
  bool native = false;
  std::string_view tracker =
      {};  ///< the tool, as observe/tracker.cpp calls it; empty: none of its own
  Rules rules = {};

  // How `--format auto` knows it: by the files that are a sign of it.
  std::string_view signs = {};  ///< what they have, in words
  bool (*is_its)(const File& file) = nullptr;
  enum class Sign {
    usual,   ///< counts file by file
    weak,    ///< other layouts' files may look so, too
    enough,  ///< one is enough: a plan, a list
  };
  Sign sign = Sign::usual;

  Reading (*read)(const Format& format, const std::vector<File>& files) = nullptr;
  ProjectFiles (*write)(const std::vector<runner::Migration>& migrations) = nullptr;
};

const std::vector<Format>& formats();              ///< formats.cpp: one row a layout
const Format* find_format(std::string_view name);  ///< null if unknown

/// The steps as files that gauntlet-migrate reads: by their own names where it takes those. What
/// psql would run outside a transaction of its own is marked so.
ProjectFiles for_gauntlet_migrate(const Format& format,
                                  const std::vector<runner::Migration>& migrations);

/// The same layout read for a runner of which nothing but its command is known: what the format's
/// own tool would refuse to start with becomes a warning.
Format as_read_by_any_runner(Format format);

}  // namespace gauntlet::formats
