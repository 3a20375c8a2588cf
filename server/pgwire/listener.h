// A bound and listening socket, TCP or Unix, as one kind.
#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

#include "kpi/result.h"
#include "server/operate/endpoint.h"

namespace kpi::server::pgwire {

inline constexpr const char* kUnixSocketName = ".s.PGSQL.5432";  // Where libpq looks.

struct Listener {
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;
  Acceptor acceptor;
  Endpoint endpoint;        // With the port in use.
  std::string socket_path;  // To be removed when it closes; empty for TCP.
};

// Errors as QueryServer::listen().
Result<Listener> open_listener(boost::asio::io_context& io, const Endpoint& endpoint);

}  // namespace kpi::server::pgwire
