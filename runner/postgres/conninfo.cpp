// What may be printed of a connection string.
#include "runner/postgres/conninfo.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace gauntlet::runner {

namespace {

constexpr std::string_view mask = "***";

bool is_url(std::string_view conninfo) {
  return conninfo.starts_with("postgres://") || conninfo.starts_with("postgresql://");
}

bool is_port(std::string_view text) {
  return text.find_first_not_of("0123456789,") == std::string_view::npos;
}

// A password that should have been percent-encoded may hold `/`, `?` and `@` itself: in doubt more
// is masked, never less. Without any `@`, what stands for a port and is none may be a password.
std::string mask_user_info(const std::string& url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t at = url.rfind('@');
  const std::size_t address =
      url[begin] == '[' ? std::min(url.find(']', begin), url.size()) : begin;
  const std::size_t colon = url.find(':', at == std::string::npos ? address : begin);
  if (colon == std::string::npos) return url;
  if (at == std::string::npos || at < begin) {
    const std::string_view authority =
        std::string_view(url).substr(0, url.find_first_of("/?", begin));
    if (colon >= authority.size() || is_port(authority.substr(colon + 1))) return url;
    return url.substr(0, colon + 1).append(mask);
  }
  if (colon > at) return url;
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

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned code = 0;
    const char* const end = text.data() + std::min(at + 3, text.size());
    if (text[at] == '%' && std::from_chars(text.data() + at + 1, end, code, 16).ptr == end) {
      plain += static_cast<char>(code);
      at += 2;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

bool is_secret(std::string_view keyword) {
  return keyword == "password" || keyword == "sslpassword";
}

// libpq percent-decodes the keywords, too.
std::string mask_query(std::string url) {
  std::size_t at = url.find('?');
  while (at < url.size()) {
    const std::size_t begin = at + 1;
    const std::size_t end = std::min(url.find('&', begin), url.size());
    const std::size_t equals = std::min(url.find('=', begin), end);
    at = end;
    if (equals == end || !is_secret(decoded(std::string_view(url).substr(begin, equals - begin)))) {
      continue;
    }
    url.replace(equals + 1, end - equals - 1, mask);
    at = equals + 1 + mask.size();
  }
  return url;
}

std::string mask_keyword(std::string text, std::string_view keyword) {
  for (std::size_t at = text.find(keyword); at != std::string::npos;
       at = text.find(keyword, at + keyword.size())) {
    const bool whole_word = at == 0 || !is_word(text[at - 1]);
    const std::size_t equals = skip_spaces(text, at + keyword.size());
    if (!whole_word || equals >= text.size() || text[equals] != '=') continue;
    const std::size_t value = skip_spaces(text, equals + 1);
    text.replace(value, end_of_value(text, value) - value, mask);
    at = value;
  }
  return text;
}

}  // namespace

std::string mask_password(const std::string& conninfo) {
  if (is_url(conninfo)) return mask_query(mask_user_info(conninfo));
  // A URL may stand inside of a value.
  std::string text =
      conninfo.find("://") == std::string::npos ? conninfo : mask_user_info(conninfo);
  for (const std::string_view keyword : {"password", "sslpassword"}) {
    text = mask_keyword(std::move(text), keyword);
  }
  return text;
}

}  // namespace gauntlet::runner
