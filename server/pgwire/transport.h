// The bytes of one client, plain or through TLS: one read and one write at a time. Not thread-safe.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "server/pgwire/tls_identity.h"

namespace kpi::server::pgwire {

class Transport {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Code = boost::system::error_code;
  using Done = std::function<void(const Code& error, std::size_t bytes)>;

  explicit Transport(Socket socket) : socket_(std::move(socket)) {}

  void async_read_some(boost::asio::mutable_buffer buffer, Done done);
  void async_write(boost::asio::const_buffer buffer, Done done);
  // From here on all bytes are encrypted. Requires that nothing is being read or written.
  void async_secure(std::shared_ptr<TlsIdentity> identity, std::function<void(const Code&)> done);
  // As far as the socket takes it at once; requires that nothing is being written.
  void write_at_once(std::string_view bytes);
  void close();

  bool is_secure() const { return stream_.has_value(); }
  const Socket& socket() const { return socket_; }
  // Of TLS: what channel binding binds to. Empty: nothing.
  std::string_view end_point() const {
    return identity_ ? std::string_view(identity_->end_point) : std::string_view();
  }

 private:
  Socket socket_;
  std::shared_ptr<TlsIdentity> identity_;  // Outlives the stream that was made with it.
  std::optional<boost::asio::ssl::stream<Socket&>> stream_;
};

}  // namespace kpi::server::pgwire
