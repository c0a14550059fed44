// Frames that we say ourselves: to a client in the server's place, and to a server. Pure.
#pragma once

#include "harness/wire/reply.h"
#include "harness/wire/request.h"
#include "harness/wire/startup.h"

#include <string>
#include <string_view>

namespace gauntlet::wire {

std::string ready_for_query(TransactionStatus status);
std::string error_response(const ServerMessage& error);
std::string command_complete(std::string_view tag);
std::string query(std::string_view sql);
std::string terminate();
/// The untyped packets that a connection begins with.
std::string startup(const Startup& startup);
std::string cancel_request(const CancelRequest& cancel);

/// What a server would say had it run `request` with nothing to show for it, each statement
/// completing with `tag`; ReadyForQuery too, where the request asks for it. A function call is
/// answered with NULL.
std::string success(const Request& request, std::string_view tag, TransactionStatus status);
/// What it would say had the request failed at once. After a batch without a Sync the server would
/// skip everything up to one: so must whoever answers like this.
std::string failure(const Request& request, const ServerMessage& error, TransactionStatus status);

}  // namespace gauntlet::wire
