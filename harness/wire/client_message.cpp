#include "harness/wire/client_message.h"

#include "harness/wire/fields.h"

#include <algorithm>
#include <cstdint>

namespace gauntlet::wire {
namespace {

using Kind = Message::Kind;

constexpr std::size_t types_max = values_max;

Message read_parse(Fields fields, Names& names) {
  auto statement = std::make_shared<Statement>();
  statement->name = fields.text();
  statement->sql = fields.text();
  const auto types = fields.count();
  for (std::size_t i = 0; i < std::min(types, types_max) && fields.ok(); ++i)
    statement->types.push_back(fields.uint32());
  if (!fields.ok()) return {};
  names.prepare(statement);
  return {.kind = Kind::parse, .name = statement->name, .statement = statement};
}

/// No code: all are text. One: it is for all of them. Otherwise one each.
class Formats {
 public:
  explicit Formats(Fields& fields) : count_(fields.count()), codes_(fields.bytes(2 * count_)) {}

  Value::Format of(std::size_t index) const {
    if (count_ == 0) return Value::Format::text;
    Fields code(codes_.substr(count_ == 1 ? 0 : std::min(2 * index, codes_.size())));
    return code.int16() == 1 ? Value::Format::binary : Value::Format::text;
  }

 private:
  std::size_t count_;
  std::string_view codes_;
};

Message read_bind(Fields fields, Names& names) {
  const auto portal = fields.text();
  const auto statement = names.statement(fields.text());
  const Formats formats(fields);
  const auto count = std::min(fields.count(), values_max);
  auto values = std::make_shared<std::vector<Value>>();
  for (std::size_t i = 0; i < count && fields.ok(); ++i) {
    const bool typed = statement && i < statement->types.size();
    values->push_back(read_value(fields, formats.of(i), typed ? statement->types[i] : 0));
  }
  if (!fields.ok()) return {};
  names.bind(portal, {statement, values});
  return {
      .kind = Kind::bind, .name = std::string(portal), .statement = statement, .values = values};
}

Message about_portal(Kind kind, std::string_view name, const Names& names) {
  auto portal = names.portal(name);
  return {.kind = kind,
          .name = std::string(name),
          .statement = std::move(portal.statement),
          .values = std::move(portal.values)};
}

Message read_execute(Fields fields, const Names& names) {
  const auto name = fields.text();
  fields.int32();
  return fields.ok() ? about_portal(Kind::execute, name, names) : Message{};
}

Message read_describe(Fields fields, const Names& names) {
  const auto what = fields.byte();
  const auto name = fields.text();
  if (!fields.ok() || (what != 'S' && what != 'P')) return {};
  if (what == 'P') return about_portal(Kind::describe_portal, name, names);
  return {.kind = Kind::describe_statement,
          .name = std::string(name),
          .statement = names.statement(name)};
}

Message read_close(Fields fields, Names& names) {
  const auto what = fields.byte();
  const auto name = fields.text();
  if (!fields.ok() || (what != 'S' && what != 'P')) return {};
  if (what == 'S')
    names.close_statement(name);
  else
    names.close_portal(name);
  return {.kind = Kind::close, .name = std::string(name)};
}

}  // namespace

bool is_extended(char type) noexcept {
  return std::string_view("PBDEC").find(type) != std::string_view::npos;
}

Message read_extended(char type, std::string_view body, Names& names) {
  const Fields fields(body);
  switch (type) {
    case 'P':
      return read_parse(fields, names);
    case 'B':
      return read_bind(fields, names);
    case 'D':
      return read_describe(fields, names);
    case 'E':
      return read_execute(fields, names);
    default:
      return read_close(fields, names);
  }
}

}  // namespace gauntlet::wire
