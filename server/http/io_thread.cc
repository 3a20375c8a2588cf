#include "server/http/io_thread.h"

#include <string.h>

#include <boost/asio/post.hpp>
#include <chrono>

#include "server/http/answer.h"

namespace kpi::server {
namespace {

constexpr auto kTick = std::chrono::milliseconds(100);  // The precision of every timeout.
constexpr std::size_t kStackBytes = 64U << 10;          // As deep as handlers and parsers go.

// Parsers leave pieces of requests on the stack, where they would stay until something else needs
// the place: none is older than a tick.
[[gnu::noinline]] void wipe_stack() {
  char below[kStackBytes];
  ::explicit_bzero(below, sizeof below);
}

}  // namespace

IoThread::IoThread(HttpService& service)
    : service_(service),
      context_(1),
      work_(context_.get_executor()),
      loop_(context_, service),
      tick_timer_(context_) {
  loop_.forget = [this](Connection& connection) {
    if (connection.refused()) {
      service_.refusals.fetch_sub(1, std::memory_order_relaxed);
      connections_.erase(&connection);
      return;
    }
    if (service_.connections.fetch_sub(1) == 1) {
      const std::lock_guard lock(service_.drain_mutex);
      service_.drained.notify_all();
    }
    loop_.counters.connections_open.subtract(1);
    connections_.erase(&connection);
  };
  read_clocks();
}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
  thread_ = std::thread([this] { context_.run(); });
}

// Not context_.stop(): every handler runs to its end, so none is left that holds a connection.
void IoThread::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] {
    const auto open = connections_;  // close() takes them out of the map.
    for (const auto& entry : open) entry.second->close();
    loop_.draining = true;
    tick_timer_.cancel();
    work_.reset();
  });
  thread_.join();
}

void IoThread::adopt(Connection::Socket socket, auth::Entrance entrance, bool proxied,
                     SenderSlots::Slot slot) {
  boost::asio::post(context_, [this, entrance, proxied, moved = std::move(socket),
                               taken = std::move(slot)]() mutable {
    keep(std::move(moved), entrance, proxied, std::move(taken));
  });
}

void IoThread::refuse(Connection::Socket socket, Problem why) {
  boost::asio::post(context_, [this, moved = std::move(socket), why = std::move(why)]() mutable {
    read_clocks();
    const auto connection =
        std::make_shared<Connection>(loop_, std::move(moved), auth::Entrance::kRemote);
    connections_.emplace(connection.get(), connection);
    connection->start_refused(why);
    if (loop_.draining) connection->drain();
    if (!ticking_) tick();
  });
}

void IoThread::keep(Connection::Socket socket, auth::Entrance entrance, bool proxied,
                    SenderSlots::Slot slot) {
  read_clocks();
  const auto connection =
      std::make_shared<Connection>(loop_, std::move(socket), entrance, proxied, std::move(slot));
  loop_.counters.connections_accepted.add(1);
  loop_.counters.connections_open.add(1);
  connections_.emplace(connection.get(), connection);
  connection->start();
  if (loop_.draining) connection->drain();
  if (!ticking_) tick();
}

void IoThread::read_clocks() {
  using std::chrono::duration_cast;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  loop_.now_ms = duration_cast<std::chrono::milliseconds>(now).count();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t second = duration_cast<std::chrono::seconds>(wall).count();
  if (second == loop_.date_second) return;
  loop_.date_second = second;
  loop_.date = date_line(second);
}

void IoThread::tick() {
  wipe_stack();
  ticking_ = !connections_.empty();
  if (!ticking_) return;
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    read_clocks();
    for (auto it = connections_.begin(); it != connections_.end();) {
      const auto connection = (it++)->second;  // It may erase itself.
      connection->check_deadline();
    }
    tick();
  });
}

void IoThread::pulse() {
  pulses_.fetch_add(1, std::memory_order_relaxed);
  boost::asio::post(context_, [this] { pulses_.fetch_sub(1, std::memory_order_release); });
}

void IoThread::drain() {
  boost::asio::post(context_, [this] {
    loop_.draining = true;
    for (auto it = connections_.begin(); it != connections_.end();) {
      const auto connection = (it++)->second;
      connection->drain();
    }
  });
}

}  // namespace kpi::server
