// How a session reports what ended or refused a message. Pure. Any thread may call.
#pragma once

#include "runner/values/session.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// libpq takes a C string and would silently stop at a NUL. Throws: Error `nul-byte`.
void refuse_nul_byte(std::string_view message);

/// `words` say why; `said` is what the server had to say of it, if anything.
SqlError connection_lost(const std::string& words, const ServerMessage& said,
                         std::size_t completed);

/// The server cancelled a query of ours whose reply was overdue, as `words` tell. Code `no-reply`.
SqlError no_reply(const std::string& words, ServerMessage said, std::size_t completed);

/// The statement was cancelled, or that was tried.
Error interrupted_while_running();

Error copy_refused(std::size_t completed);

}  // namespace gauntlet::runner
