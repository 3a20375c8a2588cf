#include <utility>

#include "server/http/connection.h"
#include "server/http/connection_bound.h"
#include "server/http/request_key.h"

namespace kpi::server {

Connection::Connection(Loop& loop, Socket socket, auth::Entrance entrance, bool proxied,
                       SenderSlots::Slot slot)
    : loop_(loop),
      socket_(std::move(socket)),
      entrance_(entrance),
      proxy_header_(proxied ? std::make_unique<ProxyHeader>() : nullptr),
      slot_(std::move(slot)),
      reader_(loop.service.options.header_bytes_max, loop.bodies,
              believed_header(loop.service.options, socket_.native_handle())) {}

void Connection::start() {
  peer_ = peer_address(socket_.native_handle());
  Code error;
  socket_.non_blocking(true, error);
  if (error) return close();
  read();
}

void Connection::start_refused(const Problem& why) {
  refused_ = true;
  Code error;
  socket_.non_blocking(true, error);
  if (error) return close();
  refuse(why);
  flush();
}

// A proxy that may not speak for others is no better than a client without a header.
void Connection::on_proxy_header(std::size_t bytes) {
  const TrustedPeers& trusted = loop_.service.options.trusted_proxies;
  const ProxyHeader::State state = proxy_header_->received(bytes);
  const bool refused = !trusted.none() && !trusted.has(peer_);
  if (state == ProxyHeader::State::kMalformed || refused) {
    loop_.counters.proxy_headers_refused.add(1);
    return close();
  }
  if (state == ProxyHeader::State::kDone) {
    const auto source = proxy_header_->source();
    proxy_header_.reset();
    peer_ = source.value_or(peer_);
    auto slot = source ? sender_slot(loop_.service, peer_) : SenderSlots::Slot();
    if (!slot) return turn_away();
    slot_ = std::move(*slot);
  }
  read();
}

// Its sender has too many. Of those who wait to be told there are not many, so that they do not
// take the connections of others after all.
void Connection::turn_away() {
  const HttpService& service = loop_.service;
  if (loop_.service.refusals.fetch_add(1, std::memory_order_relaxed) >=
      refusals_max(service.options)) {
    loop_.service.refusals.fetch_sub(1, std::memory_order_relaxed);
    return close();
  }
  turned_away_ = true;
  refuse(too_many_of_sender());
  flush();
}

}  // namespace kpi::server
