#include "tools/kpi_load/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>
#include <vector>

namespace kpi::load {
namespace {

using boost::system::error_code;
constexpr std::size_t kReadBytes = 64U << 10;
constexpr std::size_t kAnswerBytesMax = 16U << 20;

// How many events of `request` the server says it took.
std::uint64_t accepted_events(const Request& request, unsigned status, const std::string& body) {
  if (status < 200 || status >= 300) return 0;
  if (request.form != Form::kNdjson) return request.events;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("accepted")) return request.events;
  const auto& accepted = json["accepted"];
  return accepted.is_number_unsigned() ? accepted.get<std::uint64_t>() : 0;
}

}  // namespace

Connection::Connection(boost::asio::io_context& io, ConnectionOwner& owner,
                       const Endpoint& endpoint, std::uint32_t pipeline)
    : owner_(owner), endpoint_(endpoint), pipeline_(pipeline), socket_(io) {}

void Connection::start() { connect(); }

void Connection::abort() {
  if (!done_) on_closed("no answer in time");
}

void Connection::connect() {
  answers_since_connect_ = 0;
  parser_.reset();
  input_.clear();
  socket_.async_connect(endpoint_, [this](const error_code& error) {
    if (done_) return;
    if (error) return on_closed("cannot connect: " + error.message());
    const int on = 1;  // Fails on a Unix socket, which has no delay to switch off.
    (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fill();
    if (!done_) read();
  });
}

void Connection::fill() {
  while (in_flight_.size() < pipeline_) {
    auto request = owner_.next_request();
    if (!request) break;
    in_flight_.push_back({std::move(*request), {}});
    ++unwritten_;
  }
  if (in_flight_.empty()) {
    done_ = true;
    error_code ignored;
    socket_.close(ignored);
    return;
  }
  write();
}

void Connection::write() {
  if (writing_ || unwritten_ == 0) return;
  std::vector<boost::asio::const_buffer> buffers;
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = in_flight_.size() - unwritten_; i < in_flight_.size(); ++i) {
    in_flight_[i].sent_at = now;
    buffers.push_back(boost::asio::buffer(in_flight_[i].request.head));
    buffers.push_back(boost::asio::buffer(in_flight_[i].request.body()));
  }
  unwritten_ = 0;
  writing_ = true;
  boost::asio::async_write(socket_, buffers, [this](const error_code& error, std::size_t) {
    writing_ = false;
    if (!done_ && !error) write();  // A broken socket is reported by the read.
  });
}

void Connection::read() {
  socket_.async_read_some(
      input_.prepare(kReadBytes),
      [this](const error_code& error, std::size_t size) { on_read(error, size); });
}

void Connection::on_read(const error_code& error, std::size_t size) {
  if (done_) return;
  if (error) {
    const bool between = in_flight_.size() == unwritten_ && answers_since_connect_ > 0;
    if (!between) return on_closed("the connection broke: " + error.message());
    error_code ignored;
    socket_.close(ignored);
    return connect();
  }
  input_.commit(size);
  if (!parse_answers() || done_) return;
  fill();
  if (!done_) read();
}

bool Connection::parse_answers() {
  while (input_.size() > 0) {
    if (!parser_) {
      parser_.emplace();
      parser_->body_limit(kAnswerBytesMax);
      parser_->eager(true);
    }
    error_code error;
    input_.consume(parser_->put(input_.data(), error));
    if (error == boost::beast::http::error::need_more) return true;
    if (error) {
      on_closed("the answer is not HTTP: " + error.message());
      return false;
    }
    if (!parser_->is_done()) continue;
    if (in_flight_.size() == unwritten_) {
      on_closed("an answer came that nothing had asked for");
      return false;
    }
    take_answer();
  }
  return true;
}

void Connection::take_answer() {
  const InFlight done = std::move(in_flight_.front());
  in_flight_.pop_front();
  ++answers_since_connect_;
  const unsigned status = parser_->get().result_int();
  owner_.on_answer(done.request,
                   {status, accepted_events(done.request, status, parser_->get().body()),
                    std::chrono::steady_clock::now() - done.sent_at});
  parser_.reset();
}

void Connection::on_closed(const std::string& message) {
  done_ = true;
  error_code ignored;
  socket_.close(ignored);
  for (const InFlight& flight : in_flight_) owner_.on_lost(flight.request);
  owner_.on_error(message);
}

}  // namespace kpi::load
