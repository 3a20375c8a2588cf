// One thread with one io_context and the connections that live in it.
#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>
#include <unordered_map>

#include "server/http/connection.h"
#include "server/http/loop.h"

namespace kpi::server {

class IoThread {
 public:
  explicit IoThread(HttpService& service);
  ~IoThread();  // stop()
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start();
  void stop();  // Drops what is open, joins. Idempotent; from another thread.

  // Thread-safe.
  boost::asio::io_context& context() { return context_; }
  const Counters& counters() const { return loop_.counters; }
  void set_port(IngestPort* port) { loop_.appender.set_port(port); }
  void adopt(Connection::Socket socket, auth::Entrance entrance, bool proxied,
             SenderSlots::Slot slot);
  void refuse(Connection::Socket socket, Problem why);  // Told so, then closed.
  void pulse();
  bool pulse_answered() const { return pulses_.load(std::memory_order_acquire) == 0; }
  void drain();  // Idle connections close now, the others after their next answer.

 private:
  void keep(Connection::Socket socket, auth::Entrance entrance, bool proxied,
            SenderSlots::Slot slot);
  void tick();
  void read_clocks();

  HttpService& service_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Loop loop_;
  boost::asio::steady_timer tick_timer_;
  std::atomic<std::uint32_t> pulses_{0};  // Posted and not run yet.
  bool ticking_ = false;  // Only while there are connections: an idle server sleeps.
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

}  // namespace kpi::server
