#include "harness/report/html_text.h"

#include "runner/values/visible_text.h"

#include <algorithm>

namespace gauntlet::report {

std::string html_text(std::string_view text) {
  std::string blanks(text);
  std::ranges::replace_if(
      blanks, [](char byte) { return static_cast<unsigned char>(byte) < ' '; }, ' ');
  std::string result;
  for (const char character : runner::visible_text(blanks)) {
    switch (character) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += character;
    }
  }
  return result;
}

}  // namespace gauntlet::report
