#include "engine/read/group_table.h"

#include "kpi/assert.h"

namespace kpi {
namespace {

std::uint64_t mix(std::uint64_t value) {
  value *= 0x9E3779B97F4A7C15;
  return value ^ (value >> 29);
}

std::size_t hash_of(const GroupTable::Key& key) {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(key.bucket_begin_ms));
  hash = mix(hash ^ ((std::uint64_t{key.parts.series} << 32) | key.parts.kind));
  hash = mix(hash ^ key.parts.labels);
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

}  // namespace

std::uint32_t GroupTable::find_or_add(const Key& key) {
  if (last_ != kNoGroup && keys_[last_] == key) return last_;
  if (keys_.size() * 2 >= slots_.size()) grow();
  std::size_t slot = hash_of(key) & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (keys_[slots_[slot] - 1] == key) return last_ = slots_[slot] - 1;
  }
  if (keys_.size() >= groups_max_) return kNoGroup;
  KPI_ASSERT(keys_.size() < kNoGroup - 1);
  keys_.push_back(key);
  counts_.emplace_back();
  slots_[slot] = static_cast<std::uint32_t>(keys_.size());
  return last_ = slots_[slot] - 1;
}

void GroupTable::grow() {
  slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, 0);
  for (std::size_t group = 0; group < keys_.size(); ++group) {
    std::size_t slot = hash_of(keys_[group]) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint32_t>(group + 1);
  }
}

}  // namespace kpi
