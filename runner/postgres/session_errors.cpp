#include "runner/postgres/session_errors.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

void refuse_nul_byte(std::string_view message) {
  if (message.find('\0') == std::string_view::npos) return;
  throw Error("nul-byte", "the SQL holds a NUL byte, which PostgreSQL cannot take", {},
              "remove the NUL byte");
}

SqlError connection_lost(const std::string& words, const ServerMessage& said,
                         std::size_t completed) {
  return SqlError(
      ServerMessage{.sqlstate = {},
                    .message = "the connection to the server was lost: " + words + said.code_text(),
                    .detail = said.detail,
                    .hint = said.hint,
                    .context = {},
                    .position = {}},
      completed);
}

SqlError no_reply(const std::string& words, ServerMessage said, std::size_t completed) {
  said.message = words;
  return {Error("no-reply", words + ", and it was cancelled", {},
                "see in pg_stat_activity what is in its way, then run it again"),
          std::move(said), completed};
}

Error interrupted_while_running() {
  return {"interrupted", "interrupted while a statement ran; it was cancelled"};
}

Error copy_refused(std::size_t completed) {
  return {"copy-from-stdin",
          fmt::format("statement {} is COPY … FROM STDIN, and a migration has no data to send",
                      completed + 1),
          {},
          "write the rows as INSERT statements, or COPY from a file on the server"};
}

}  // namespace gauntlet::runner
