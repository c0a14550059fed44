// An initialised data folder, made once and copied for every server: initdb takes ten times as long
// as everything else. Any thread, and any number of processes at once, may call.
#pragma once

#include "harness/process/process.h"

#include <filesystem>
#include <future>
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

/// Copies the template, which it makes first if there is none or if it is broken, to `data`: what a
/// server reads while it starts is there on return, the databases once the future is ready. It must
/// be waited for before anybody connects.
/// Throws: Error `no-such-locale`, `initdb-failed`, `cannot-write`; the future: Error
/// `cannot-write`, `template-broken`.
std::future<void> copy_template(const TemplateOptions& options, const std::filesystem::path& data);

/// The settings of every server of ours, as lines of postgresql.conf.
std::string template_settings();

}  // namespace gauntlet::arena
