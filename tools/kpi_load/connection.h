// One keep-alive connection that sends what a run gives it, with a bounded number in flight.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "kpi/result.h"
#include "tools/kpi_load/request.h"
#include "tools/kpi_load/tally.h"

namespace kpi::load {

using Endpoint = boost::asio::generic::stream_protocol::endpoint;
// `ADDR:PORT`, `[v6]:PORT` or `unix:PATH`. kInvalidArgument.
Result<Endpoint> parse_endpoint(const std::string& text);

// What a connection asks its run. Called on the io thread.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual std::optional<Request> next_request() = 0;
  virtual void on_answer(const Request& request, const Answer& answer) = 0;
  virtual void on_lost(const Request& request) = 0;
  virtual void on_error(const std::string& message) = 0;  // The connection is given up.
};

// Lives until its io_context has run dry. Opens again where the server closes between requests.
class Connection {
 public:
  Connection(boost::asio::io_context& io, ConnectionOwner& owner, const Endpoint& endpoint,
             std::uint32_t pipeline);
  void start();
  void abort();  // What is in flight is lost.
  bool done() const { return done_; }

 private:
  struct InFlight {
    Request request;
    std::chrono::steady_clock::time_point sent_at;
  };
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

  void connect();
  void fill();
  void write();
  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  bool parse_answers();
  void take_answer();
  void on_closed(const std::string& message);

  ConnectionOwner& owner_;
  const Endpoint endpoint_;
  const std::uint32_t pipeline_;
  boost::asio::generic::stream_protocol::socket socket_;
  boost::beast::flat_buffer input_;
  std::optional<Parser> parser_;
  std::deque<InFlight> in_flight_;  // Front: the next to be answered. Back: not yet written.
  std::size_t unwritten_ = 0;
  bool writing_ = false, done_ = false;
  std::uint64_t answers_since_connect_ = 0;
};

}  // namespace kpi::load
