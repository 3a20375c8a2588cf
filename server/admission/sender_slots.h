// How many connections the senders of one network have open at a time. Networks are known by a
// keyed hash alone, in memory, and only while they have one.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "server/admission/daily_hash.h"

namespace kpi::server {

// Thread-safe; outlives its slots. Its memory is bounded by the number of these.
class SenderSlots {
 public:
  // One connection's place; given back when it goes.
  class Slot {
   public:
    Slot() = default;  // Of nobody who is counted.
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot();

   private:
    friend class SenderSlots;
    Slot(SenderSlots* owner, std::uint64_t key) : owner_(owner), key_(key) {}
    SenderSlots* owner_ = nullptr;
    std::uint64_t key_ = 0;
  };

  // `each_max`: of one network; at least 1.
  explicit SenderSlots(std::size_t each_max);

  // Nothing, and counted as refused: the network has all that it may have.
  std::optional<Slot> take(std::string_view network);
  std::size_t each_max() const { return each_max_; }
  std::size_t networks() const;  // That have a slot.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void give(std::uint64_t key);

  const std::size_t each_max_;
  DailyHash hash_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::size_t> taken_;  // By network, those with none left out.
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace kpi::server
