// One sender must not take the connections of all: whose are counted, and who has one too many.
#pragma once
#include <optional>

#include "server/admission/sender_slots.h"
#include "server/http/http_options.h"

namespace kpi::server {

// Whether `peer` is a sender as any: no Unix socket, no program of this machine, and no proxy that
// is believed, through which all come.
bool is_counted_sender(const HttpOptions& options, const SenderAddress& peer);

// Nothing: the sender's network has all connections that it may have. Empty for those who are not
// counted.
std::optional<SenderSlots::Slot> sender_slot(HttpService& service, const SenderAddress& peer);

// A connection that is refused is told so while fewer than this wait for their clients to read it.
std::size_t refusals_max(const HttpOptions& options);

}  // namespace kpi::server
