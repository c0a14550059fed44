// What may be printed of a connection string.
#include "runner/session.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace gauntlet::runner {

namespace {

constexpr std::string_view mask = "***";

bool is_url(std::string_view conninfo) {
  return conninfo.starts_with("postgres://") || conninfo.starts_with("postgresql://");
}

// A password that should have been percent-encoded may hold `/`, `?` and `@` itself: when in doubt,
// more is masked, never less.
std::string mask_user_info(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t at = url.rfind('@');
  const std::size_t colon = url.find(':', begin);
  if (at == std::string::npos || at < begin || colon > at) return url;
  return url.substr(0, colon + 1).append(mask) + url.substr(at);
}

bool is_word(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
  return at;
}

// One past a keyword string's value: 'quoted \' text' or a bare word in which \ escapes, too.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  const bool quoted = at < text.size() && text[at] == '\'';
  if (quoted) ++at;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (quoted ? text[at] == '\''
                      : std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      return quoted ? at + 1 : at;
    }
  }
  return text.size();
}

std::string mask_parameter(std::string text, std::string_view keyword, std::size_t from) {
  const bool url = is_url(text);
  for (std::size_t at = text.find(keyword, from); at != std::string::npos;
       at = text.find(keyword, at + keyword.size())) {
    const bool whole_word = at == 0 || !is_word(text[at - 1]);
    const std::size_t equals = skip_spaces(text, at + keyword.size());
    if (!whole_word || equals >= text.size() || text[equals] != '=') continue;
    const std::size_t value = url ? equals + 1 : skip_spaces(text, equals + 1);
    const std::size_t end =
        url ? std::min(text.find('&', value), text.size()) : end_of_value(text, value);
    text.replace(value, end - value, mask);
    at = value;
  }
  return text;
}

}  // namespace

std::string mask_password(const std::string& conninfo) {
  std::string text = is_url(conninfo) ? mask_user_info(conninfo) : conninfo;
  const std::size_t from = is_url(text) ? std::min(text.find('?'), text.size()) : 0;
  for (const std::string_view keyword : {"password", "sslpassword"}) {
    text = mask_parameter(text, keyword, from);
  }
  return text;
}

}  // namespace gauntlet::runner
