// The three streams that a program starts with, which whoever starts it may close, fill or stop
// reading. On the main thread, but for write_text(), which any thread may call.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// Call before any file or socket is opened. A closed stream's number would be the next one's, and
/// what is printed would reach the database's connection. Writing to such a stream then fails.
void hold_standard_streams();

/// From now on a reader that goes away costs the output and not the run.
void survive_broken_pipes();

/// Writes visible_text() of it. False if the stream did not take all of it: errno says why.
bool write_text(std::FILE* to, std::string_view text);

/// `No space left on device`, of an errno.
std::string reason_text(int error);

}  // namespace gauntlet::runner
