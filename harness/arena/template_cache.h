// An initialised data folder, made once and copied for every server: initdb takes ten times as long
// as everything else. Any thread, and any number of processes at once, may call.
#pragma once

#include "harness/process/process.h"

#include <filesystem>
#include <optional>
#include <string>

namespace gauntlet::arena {

struct TemplateOptions {
  std::filesystem::path base;      ///< where it is kept
  std::filesystem::path binaries;  ///< whose initdb
  std::string locale;
  std::optional<process::Account> account;
  /// Make it anew although it looks whole: a server on a copy of it did not start.
  enum class Trust { if_whole, not_again } trust = Trust::if_whole;
};

/// Copies the template, which it makes first if there is none or if it is broken, to `data`.
/// Throws: Error `no-such-locale`, `initdb-failed`, `cannot-write`.
void copy_template(const TemplateOptions& options, const std::filesystem::path& data);

/// The settings of every server of ours, as lines of postgresql.conf.
std::string template_settings();

}  // namespace gauntlet::arena
