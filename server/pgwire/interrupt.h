// Why and how to stop a running statement; shared between its runner and those who may stop it.
#pragma once
#include <atomic>
#include <cstdint>
#include <stop_token>

namespace kpi::server::pgwire {

// Thread-safe. The first reason stays.
class Interrupt {
 public:
  enum class Reason : std::uint8_t { kNone, kUser, kTimeout, kDisconnect, kShutdown, kUserLimit };
  void request(Reason reason) {
    Reason none = Reason::kNone;
    if (reason_.compare_exchange_strong(none, reason)) source_.request_stop();
  }
  Reason reason() const { return reason_.load(); }
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::atomic<Reason> reason_{Reason::kNone};
  std::stop_source source_;
};

}  // namespace kpi::server::pgwire
