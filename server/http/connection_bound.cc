#include "server/http/connection_bound.h"

#include <algorithm>

#include "server/operate/descriptors.h"

namespace kpi::server {
namespace {

constexpr std::size_t kRefusalsMax = 128;

}  // namespace

bool is_counted_sender(const HttpOptions& options, const SenderAddress& peer) {
  return peer != kUnknownSender && !is_loopback(peer) && !options.trusted_proxies.has(peer) &&
         !options.request_id_peers.has(peer);
}

std::optional<SenderSlots::Slot> sender_slot(HttpService& service, const SenderAddress& peer) {
  if (!is_counted_sender(service.options, peer)) return SenderSlots::Slot();
  return service.sender_slots.take(network_of(peer));
}

std::size_t refusals_max(const HttpOptions& options) {
  return std::min<std::size_t>(kRefusalsMax, options.connections_max / kRefusalShare + 1);
}

}  // namespace kpi::server
