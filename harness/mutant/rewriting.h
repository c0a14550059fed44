// Sessions that say something else to the server than the runner did, or tell it something else:
// what most flaws are made of. As sessions, each belongs to one thread at a time.
#pragma once

#include "runner/session.h"

#include <functional>
#include <memory>
#include <string>

namespace gauntlet::mutant {

/// Every message passes `rewrite` before it is sent.
using Rewrite = std::function<std::string(std::string)>;
std::unique_ptr<runner::Session> saying(std::unique_ptr<runner::Session> session, Rewrite rewrite);

/// Every message's results pass `retell` before the runner sees them.
using Retell = std::function<void(const std::string& message, std::vector<runner::Result>&)>;
std::unique_ptr<runner::Session> told(std::unique_ptr<runner::Session> session, Retell retell);

/// `text` with every match of the regular expression replaced.
std::string replaced(const std::string& text, const char* pattern, const char* by);

}  // namespace gauntlet::mutant
