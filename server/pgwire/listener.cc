#include "server/pgwire/listener.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>
#include <filesystem>

namespace kpi::server::pgwire {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int kBacklog = 128;
constexpr unsigned kSocketMode = 0660;

std::string shown(const Endpoint& endpoint) {
  return endpoint.is_unix ? "unix:" + endpoint.path
                          : endpoint.host + ":" + std::to_string(endpoint.port);
}

Error failed(const Endpoint& endpoint, const char* step, const error_code& error) {
  const bool busy = error == asio::error::address_in_use;
  return {busy ? ErrorCode::kBusy : ErrorCode::kIo,
          "cannot listen for queries at " + shown(endpoint) + ": " + step + ": " + error.message()};
}

// A socket file that a process which has died left behind is in the way of bind().
error_code remove_stale(asio::io_context& io, const std::string& path) {
  std::error_code status_error;
  if (!std::filesystem::is_socket(path, status_error)) return {};
  asio::local::stream_protocol::socket probe(io);
  error_code error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (!error) return asio::error::address_in_use;
  if (error == asio::error::connection_refused) std::filesystem::remove(path, status_error);
  return {};
}

Result<Listener> listen_at(Listener listener, const asio::generic::stream_protocol::endpoint& at) {
  error_code error;
  const auto& endpoint = listener.endpoint;
  if (listener.acceptor.open(at.protocol(), error)) return failed(endpoint, "socket", error);
  if (!endpoint.is_unix) {
    listener.acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (error) return failed(endpoint, "SO_REUSEADDR", error);
  }
  if (listener.acceptor.bind(at, error)) return failed(endpoint, "bind", error);
  if (endpoint.is_unix && ::chmod(listener.socket_path.c_str(), kSocketMode) != 0) {
    return failed(endpoint, "chmod", error_code(errno, boost::system::system_category()));
  }
  if (listener.acceptor.listen(kBacklog, error)) return failed(endpoint, "listen", error);
  return listener;
}

}  // namespace

Result<Listener> open_listener(asio::io_context& io, const Endpoint& endpoint) {
  Listener listener{Listener::Acceptor(io), endpoint, {}};
  if (endpoint.is_unix) {
    listener.socket_path = (std::filesystem::path(endpoint.path) / kUnixSocketName).string();
    if (listener.socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
      return Error{ErrorCode::kInvalidArgument,
                   "the path of the query socket is too long: " + listener.socket_path};
    }
    if (const error_code error = remove_stale(io, listener.socket_path)) {
      return failed(endpoint, "bind", error);
    }
    return listen_at(std::move(listener),
                     asio::local::stream_protocol::endpoint(listener.socket_path));
  }
  error_code error;
  const auto address = asio::ip::make_address(endpoint.host, error);
  if (error) return failed(endpoint, "address", error);
  Result<Listener> opened =
      listen_at(std::move(listener), asio::ip::tcp::endpoint(address, endpoint.port));
  if (!opened.ok()) return opened;
  const auto local = opened.value().acceptor.local_endpoint(error);
  if (error) return failed(endpoint, "getsockname", error);
  asio::ip::tcp::endpoint bound;
  bound.resize(local.size());
  std::memcpy(bound.data(), local.data(), local.size());
  opened.value().endpoint.port = bound.port();
  return opened;
}

}  // namespace kpi::server::pgwire
