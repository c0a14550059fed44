#include "runner/values/message.h"

#include <utility>

namespace gauntlet::runner {

std::size_t bytes_before_body(const Message& message) {
  std::size_t bytes = 0;
  for (const OwnStatement& own : message.before) bytes += own.sql.size() + 1;
  return bytes;
}

std::string Message::text() const {
  std::string text;
  text.reserve(bytes_before_body(*this) + body.size() + 1024);
  for (const OwnStatement& own : before) text += own.sql + ";";
  text += body;
  // A body may end in a comment or lack its last semicolon.
  if (!body.empty() && !after.empty()) text += "\n;\n";
  for (const OwnStatement& own : after) text += own.sql + ";";
  const bool ends_in_ours = !after.empty() || (body.empty() && !before.empty());
  if (ends_in_ours) text.pop_back();
  return text;
}

Message message_of(Purpose purpose, std::string sql) {
  Message message;
  message.before.push_back({purpose, std::move(sql)});
  return message;
}

void add_statement(std::vector<OwnStatement>& statements, Purpose purpose, std::string sql) {
  if (!sql.empty()) statements.push_back({purpose, std::move(sql)});
}

}  // namespace gauntlet::runner
