#include "server/pgwire/transport.h"

#include <boost/asio/write.hpp>

namespace kpi::server::pgwire {

void Transport::async_read_some(boost::asio::mutable_buffer buffer, Done done) {
  if (stream_) {
    stream_->async_read_some(buffer, std::move(done));
  } else {
    socket_.async_read_some(buffer, std::move(done));
  }
}

void Transport::async_write(boost::asio::const_buffer buffer, Done done) {
  if (stream_) {
    boost::asio::async_write(*stream_, buffer, std::move(done));
  } else {
    boost::asio::async_write(socket_, buffer, std::move(done));
  }
}

void Transport::async_secure(std::shared_ptr<TlsIdentity> identity,
                             std::function<void(const Code&)> done) {
  identity_ = std::move(identity);
  stream_.emplace(socket_, identity_->context);
  stream_->async_handshake(boost::asio::ssl::stream_base::server, std::move(done));
}

void Transport::write_at_once(std::string_view bytes) {
  Code ignored;
  socket_.non_blocking(true, ignored);
  const auto buffer = boost::asio::buffer(bytes.data(), bytes.size());
  if (stream_) {
    stream_->write_some(buffer, ignored);
  } else {
    socket_.write_some(buffer, ignored);
  }
}

void Transport::close() {
  Code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace kpi::server::pgwire
