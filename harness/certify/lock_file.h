// runner.lock.json: a certificate as a file, and what a later run prints of it. Pure.
#pragma once

#include "harness/certify/certificate.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::certify {

constexpr std::string_view lock_file_name = "runner.lock.json";
constexpr std::string_view markdown_file_name = "runner.lock.md";

std::string lock_file(const Certificate& certificate);
/// Throws: Error `bad-lock-file` with what is wrong with it; `file` is where it was read.
Certificate read_lock_file(std::string_view text, const std::string& file);

/// A file of the runner is another one than the one that was judged; empty if none is. `now` are
/// the files that the runner's command names today.
std::string stale_reason(const Certificate& certificate, const std::vector<Executable>& now);

/// `dbmate 2.28 was certified on 2026-11-30: violated; lock needed; crash applied-twice …`
std::string one_line(const Certificate& certificate);

}  // namespace gauntlet::certify
