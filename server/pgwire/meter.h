// A bound that all sessions share: what one takes is given back when its lease ends.
#pragma once
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace kpi::server::pgwire {

using Meter = std::atomic<std::size_t>;

// Movable. Thread-safe towards other leases of the same meter.
class Lease {
 public:
  // Nothing: with it the meter would stand above `max`.
  static std::optional<Lease> take(const std::shared_ptr<Meter>& meter, std::size_t size,
                                   std::size_t max) {
    if (meter->fetch_add(size) + size > max) {
      meter->fetch_sub(size);
      return std::nullopt;
    }
    return Lease(meter, size);
  }
  Lease(Lease&& other) noexcept
      : meter_(std::move(other.meter_)), size_(std::exchange(other.size_, 0)) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(meter_, other.meter_);
    std::swap(size_, other.size_);
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (meter_) meter_->fetch_sub(size_);
  }

 private:
  Lease(std::shared_ptr<Meter> meter, std::size_t size) : meter_(std::move(meter)), size_(size) {}
  std::shared_ptr<Meter> meter_;
  std::size_t size_ = 0;
};

}  // namespace kpi::server::pgwire
