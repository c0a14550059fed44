#include "runner/values/error.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

Error::Error(std::string code, std::string message, std::string where, std::string fix)
    : code_(std::move(code)),
      message_(std::move(message)),
      where_(std::move(where)),
      fix_(std::move(fix)),
      text_(fmt::format("error[{}]: {}", code_, message_)) {
  if (!where_.empty()) text_ += "\n  where: " + where_;
  if (!fix_.empty()) text_ += "\n  fix:   " + fix_;
}

}  // namespace gauntlet::runner
