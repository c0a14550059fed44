// Bytes as the protocol manual lays them out, for the tests of this room.
#pragma once

#include "harness/wire/encode.h"
#include "harness/wire/fields.h"

#include <string>
#include <string_view>

namespace gauntlet::wire {

/// A literal with zero bytes in it.
template <std::size_t size>
std::string bytes(const char (&literal)[size]) {
  return std::string(literal, size - 1);
}

inline std::string frame(char type, std::string_view body = {}) {
  return FrameWriter(type).bytes(body).frame();
}

inline std::string parse(std::string_view name, std::string_view sql) {
  return FrameWriter('P').text(name).text(sql).int16(0).frame();
}
/// One text parameter.
inline std::string bind(std::string_view portal, std::string_view name, std::string_view value) {
  FrameWriter writer('B');
  writer.text(portal).text(name).int16(0).int16(1);
  writer.int32(static_cast<std::int32_t>(value.size())).bytes(value).int16(0);
  return writer.frame();
}
inline std::string describe_portal() { return FrameWriter('D').byte('P').text("").frame(); }
inline std::string describe_statement(std::string_view name) {
  return FrameWriter('D').byte('S').text(name).frame();
}
inline std::string execute(std::string_view portal = "") {
  return FrameWriter('E').text(portal).int32(0).frame();
}
inline const std::string sync = frame('S'), flush = frame('H');

inline std::string start() {
  return startup({.parameters = {{"user", "u"}, {"application_name", "a"}}});
}

/// One column of this name, one row with this value.
inline std::string row_description(std::string_view name) {
  return FrameWriter('T').int16(1).text(name).bytes(std::string(18, '\0')).frame();
}
inline std::string data_row(std::string_view value) {
  FrameWriter writer('D');
  writer.int16(1).int32(static_cast<std::int32_t>(value.size())).bytes(value);
  return writer.frame();
}
inline std::string error(std::string_view sqlstate, std::string_view text,
                         std::size_t position = 0) {
  return error_response({.severity = "ERROR",
                         .sqlstate = std::string(sqlstate),
                         .text = std::string(text),
                         .position = position});
}
inline std::string ready(char status = 'I') {
  return ready_for_query(static_cast<TransactionStatus>(status));
}

}  // namespace gauntlet::wire
