// Tells the service manager how the process is (sd_notify's protocol), without its library.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kpi::server {

// Thread-safe. Sending is best effort and never waits: nobody is told where nobody listens.
class Notifier {
 public:
  // `address`: the path of a Unix datagram socket, or with a leading @ its abstract name. Empty, or
  // longer than such an address can be: nobody is told.
  explicit Notifier(std::string address, std::chrono::microseconds watchdog = {});
  // NOTIFY_SOCKET; WATCHDOG_USEC, unless WATCHDOG_PID names another process.
  static Notifier from_environment();
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  bool listens() const { return socket_ >= 0; }
  // How long the manager waits for a ping before it ends the process; 0: for ever.
  std::chrono::microseconds watchdog() const { return watchdog_; }

  void ready(std::string_view status) const;      // Also after reloading().
  void reloading(std::string_view status) const;  // With the moment, as the manager wants it.
  void stopping(std::string_view status) const;
  void ping() const;

 private:
  void send(std::string_view message) const;

  std::string address_;
  std::chrono::microseconds watchdog_;
  int socket_ = -1;
};

// A status is one line: what would end it early becomes a space.
std::string status_line(std::string_view status);

}  // namespace kpi::server
