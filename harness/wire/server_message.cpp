#include "harness/wire/server_message.h"

#include "harness/wire/fields.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace gauntlet::wire {
namespace {

/// Of a column's description, after its name: table, number, type, size, modifier, format.
constexpr std::size_t column_facts_bytes = 18;

std::string bounded(std::string_view text) { return std::string(text.substr(0, server_text_max)); }

std::size_t as_position(std::string_view text) {
  std::size_t position = 0;
  std::from_chars(text.data(), text.data() + text.size(), position);
  return position;
}

}  // namespace

ServerMessage read_server_message(std::string_view body) {
  ServerMessage message;
  Fields fields(body);
  while (fields.ok()) {
    const auto code = fields.byte();
    if (code == 0) break;
    const auto text = fields.text();
    if (code == 'V' || (code == 'S' && message.severity.empty())) message.severity = bounded(text);
    if (code == 'C') message.sqlstate = bounded(text);
    if (code == 'M') message.text = bounded(text);
    if (code == 'D') message.detail = bounded(text);
    if (code == 'H') message.hint = bounded(text);
    if (code == 'W') message.where = bounded(text);
    if (code == 'P') message.position = as_position(text);
  }
  return message;
}

std::vector<std::string> read_columns(std::string_view body) {
  std::vector<std::string> columns;
  Fields fields(body);
  const auto count = std::min(fields.count(), values_max);
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = fields.text();
    fields.bytes(column_facts_bytes);
    if (!fields.ok()) break;
    columns.push_back(bounded(name));
  }
  return columns;
}

std::vector<Value> read_row(std::string_view body) {
  std::vector<Value> row;
  Fields fields(body);
  const auto count = std::min(fields.count(), values_max);
  for (std::size_t i = 0; i < count; ++i) {
    auto value = read_value(fields, Value::Format::text, 0);
    if (!fields.ok()) break;
    row.push_back(std::move(value));
  }
  return row;
}

std::string error_for_original(std::string_view body, std::string_view original,
                               const sql::EditedSql& sent) {
  FrameWriter frame('E');
  Fields fields(body);
  while (fields.ok()) {
    const auto code = fields.byte();
    if (code == 0) break;
    auto text = std::string(fields.text());
    if (code == 'P')
      text = std::to_string(sql::original_position(original, sent, as_position(text)));
    frame.byte(static_cast<char>(code)).text(text);
  }
  return frame.byte('\0').frame();
}

std::string columns_for_original(std::string_view body, const sql::EditedSql& sent) {
  FrameWriter frame('T');
  Fields fields(body);
  const auto count = fields.count();
  frame.int16(static_cast<std::int16_t>(count));
  for (std::size_t i = 0; i < count && fields.ok(); ++i) {
    auto name = fields.text();
    const auto renamed =
        std::find_if(sent.columns.begin(), sent.columns.end(),
                     [&](const sql::ColumnName& column) { return column.sent == name; });
    if (renamed != sent.columns.end()) name = renamed->wanted;
    const auto facts = fields.bytes(column_facts_bytes);
    if (fields.ok()) frame.text(name).bytes(facts);
  }
  return frame.bytes(fields.rest()).frame();
}

}  // namespace gauntlet::wire
