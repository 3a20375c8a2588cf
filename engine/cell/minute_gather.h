// Items of one day in order of arrival, handed out again by the minute: a counting sort. An item is
// a measure's value or an event's packed kind. Not thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/key/partition.h"

namespace kpi {

inline constexpr std::uint32_t kMinutesPerHour = 60, kHoursPerDay = 24;
inline constexpr std::uint32_t kMinutesPerDay = kMinutesPerHour * kHoursPerDay;
static_assert(kMinutesPerDay == partition_buckets(CellWidth::kMinute));

// Items with a weight other than 1000 stand apart: they are rare.
struct WeightedItem {
  std::uint32_t item = 0;
  std::uint32_t weight = 0;
  std::uint16_t minute = 0;
};

// Items of a stretch of time, in two parts.
struct ItemSlice {
  std::span<const std::uint32_t> plain;
  std::span<const WeightedItem> weighted;
  bool empty() const { return plain.empty() && weighted.empty(); }
  std::size_t size() const { return plain.size() + weighted.size(); }
};

// Appended to by series; each appends its own in ascending order of minutes.
struct MinuteGather {
  std::vector<std::uint32_t> items;
  std::vector<std::uint16_t> minutes;  // Of `items`.
  std::vector<WeightedItem> weighted;

  void add(std::uint32_t item, std::uint32_t weight, std::uint16_t minute) {
    if (weight == 1000) {
      items.push_back(item);
      minutes.push_back(minute);
    } else {
      weighted.push_back({item, weight, minute});
    }
  }
  std::size_t size() const { return items.size() + weighted.size(); }
  void clear() {
    items.clear();
    minutes.clear();
    weighted.clear();
  }
};

// A gather in order of minutes. Reusable; slices live until the next sort.
class MinuteOrder {
 public:
  void sort(const MinuteGather& gather);
  ItemSlice slice(std::uint32_t minute_begin, std::uint32_t minute_end) const;

 private:
  using Begins = std::array<std::uint32_t, kMinutesPerDay + 1>;  // [minute]: index of its first.
  std::vector<std::uint32_t> plain_;
  std::vector<WeightedItem> weighted_;
  Begins plain_begin_{}, weighted_begin_{};
};

}  // namespace kpi
