// The groups of an answer and their counts, found by (time bucket, parts).
#pragma once
#include <cstdint>
#include <vector>

#include "engine/read/group_keys.h"
#include "kpi/store.h"

namespace kpi {

inline constexpr std::uint32_t kNoGroup = ~std::uint32_t{0};

// Open-addressed. Not thread-safe.
class GroupTable {
 public:
  struct Key {
    std::int64_t bucket_begin_ms = 0;
    GroupParts parts;
    bool operator==(const Key&) const = default;
  };

  explicit GroupTable(std::size_t groups_max) : groups_max_(groups_max) {}

  // The index of a group, dense from 0, in order of first use; kNoGroup: one more than
  // `groups_max` would be needed.
  std::uint32_t find_or_add(const Key& key);
  std::size_t size() const { return keys_.size(); }
  const Key& key(std::size_t group) const { return keys_[group]; }
  Counts& counts(std::size_t group) { return counts_[group]; }
  std::vector<Counts> take_counts() { return std::move(counts_); }

 private:
  void grow();

  const std::size_t groups_max_;
  std::vector<Key> keys_;
  std::vector<Counts> counts_;
  std::vector<std::uint32_t> slots_;  // 1 + group, 0 free; a power of two, at most half full.
  std::uint32_t last_ = kNoGroup;
};

}  // namespace kpi
