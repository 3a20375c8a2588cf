// How many statements each user has under way, over all sockets.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace kpi::auth {

// Thread-safe.
class StatementSlots {
 public:
  // At most so many of one user at a time.
  explicit StatementSlots(std::size_t user_max) : user_max_(user_max) {}

  // Given back when it goes. Outlived by its StatementSlots.
  class Slot {
   public:
    ~Slot() { slots_.give_back(user_); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    friend class StatementSlots;
    Slot(StatementSlots& slots, std::string user) : slots_(slots), user_(std::move(user)) {}
    StatementSlots& slots_;
    const std::string user_;
  };
  // Empty name: those who were not asked for one, all together. nullptr: as many as may be are
  // under way.
  std::shared_ptr<const Slot> take(const std::string& user);

  std::size_t user_max() const { return user_max_; }
  std::uint64_t under_way() const { return under_way_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void give_back(const std::string& user);

  const std::size_t user_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> taken_;  // By user; never 0.
  std::atomic<std::uint64_t> under_way_{0}, refused_{0};
};

}  // namespace kpi::auth
