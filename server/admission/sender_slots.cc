#include "server/admission/sender_slots.h"

#include <utility>

#include "kpi/assert.h"

namespace kpi::server {
namespace {

constexpr std::int64_t kOneDay = 0;  // Slots outlive midnight: one key while the process lives.

}  // namespace

SenderSlots::Slot::Slot(Slot&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), key_(other.key_) {}

SenderSlots::Slot& SenderSlots::Slot::operator=(Slot&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(key_, other.key_);
  return *this;
}

SenderSlots::Slot::~Slot() {
  if (owner_ != nullptr) owner_->give(key_);
}

SenderSlots::SenderSlots(std::size_t each_max) : each_max_(each_max) { KPI_ASSERT(each_max != 0); }

std::optional<SenderSlots::Slot> SenderSlots::take(std::string_view network) {
  const std::uint64_t key = hash_(network, kOneDay);
  const std::lock_guard lock(mutex_);
  std::size_t& taken = taken_[key];  // One that is full is there already: refusing adds nothing.
  if (taken == each_max_) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  ++taken;
  return Slot(this, key);
}

void SenderSlots::give(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(key);
  KPI_ASSERT(found != taken_.end());
  if (--found->second == 0) taken_.erase(found);
}

std::size_t SenderSlots::networks() const {
  const std::lock_guard lock(mutex_);
  return taken_.size();
}

}  // namespace kpi::server
