#include "engine/seen/seen_table.h"

#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr std::size_t kSlotsMin = 16;

}  // namespace

SeenTable::SeenTable(std::size_t entries_max) : entries_max_(entries_max), slots_(kSlotsMin, 0) {
  KPI_ASSERT(entries_max_ > 0);
}

std::size_t SeenTable::slot_of(const SeenKey& key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = key.low & mask;
  while (slots_[slot] != 0 && entry_in(slot).key != key) slot = (slot + 1) & mask;
  return slot;
}

std::optional<SeenTable::Found> SeenTable::find(const SeenKey& key) const {
  const std::size_t slot = slot_of(key);
  if (slots_[slot] == 0) return std::nullopt;
  return Found{slots_[slot] - 1, entry_in(slot).when_ms};
}

std::optional<std::int64_t> SeenTable::oldest_ms() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().when_ms;
}

bool SeenTable::add(const SeenKey& key, std::int64_t when_ms) {
  KPI_ASSERT(entries_.empty() || entries_.back().when_ms <= when_ms);
  const bool full = entries_.size() == entries_max_;
  if (full) drop_oldest();
  if (2 * (entries_.size() + 1) > slots_.size()) grow();
  slots_[slot_of(key)] = next_number() + 1;
  entries_.push_back({key, when_ms});
  return full;
}

void SeenTable::drop_to(std::int64_t when_ms) {
  while (!entries_.empty() && entries_.front().when_ms <= when_ms) drop_oldest();
}

// A key that was added again keeps the slot of its later entry.
void SeenTable::drop_oldest() {
  const std::size_t slot = slot_of(entries_.front().key);
  if (slots_[slot] == first_number_ + 1) free_slot(slot);
  entries_.pop_front();
  ++first_number_;
}

// Entries behind a gap move into it, so that none is cut off from its own place.
void SeenTable::free_slot(std::size_t slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t gap = slot;
  for (std::size_t next = (gap + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
    const std::size_t home = entry_in(next).key.low & mask;
    if (((next - home) & mask) < ((next - gap) & mask)) continue;
    slots_[gap] = slots_[next];
    gap = next;
  }
  slots_[gap] = 0;
}

void SeenTable::grow() {
  slots_.assign(2 * slots_.size(), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    slots_[slot_of(entries_[i].key)] = first_number_ + i + 1;
  }
}

void SeenTable::clear() {
  first_number_ = next_number();
  entries_.clear();
  slots_.assign(kSlotsMin, 0);
}

}  // namespace kpi
