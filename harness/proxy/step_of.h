// Requests of the wire as steps of a history, and replies as what came of them. Pure.
#pragma once

#include "harness/core/step.h"
#include "harness/wire/reply.h"
#include "harness/wire/request.h"

#include <optional>
#include <string>

namespace gauntlet::proxy {

/// The step that a request is; nullopt for housekeeping that neither runs nor prepares anything, as
/// a lone Sync. Several statements of one batch are one step, their texts joined.
std::optional<core::Step> step_of(const wire::Request& request);

/// `status` is the session's, where the reply ends without one of its own.
core::Reply reply_of(const wire::Reply& reply, wire::TransactionStatus status);

/// Puts `text`, which the gate wrote in the place of the step's SQL, into the request. False where
/// the request holds no such text: it was prepared earlier, and was rewritten there.
bool rewrite_to(wire::Request& request, const std::string& text);

}  // namespace gauntlet::proxy
