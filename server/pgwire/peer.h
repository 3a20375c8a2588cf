// Who is at the other end of a Unix socket.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>

#include "server/auth/gate.h"

namespace kpi::server::pgwire {

// As of connect(), by SO_PEERCRED. Nobody where the kernel will not say.
auth::Peer peer_of(const boost::asio::generic::stream_protocol::socket& socket);

}  // namespace kpi::server::pgwire
