#include "server/auth/statement_slots.h"

namespace kpi::auth {

std::shared_ptr<const StatementSlots::Slot> StatementSlots::take(const std::string& user) {
  {
    const std::lock_guard lock(mutex_);
    std::size_t& taken = taken_[user];
    if (taken >= user_max_) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return nullptr;
    }
    ++taken;
  }
  under_way_.fetch_add(1, std::memory_order_relaxed);
  return std::shared_ptr<const Slot>(new Slot(*this, user));
}

void StatementSlots::give_back(const std::string& user) {
  under_way_.fetch_sub(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  const auto taken = taken_.find(user);
  if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace kpi::auth
