// Which partition and bucket a moment belongs to. A cells value holds all buckets of one partition:
// a day of minutes or hours, a week of days. Header-only, pure.
#pragma once
#include <cstdint>

#include "kpi/event.h"

namespace kpi {

// Persistent: bytes of the cells key.
enum class CellWidth : std::uint8_t { kMinute = 0, kHour = 1, kDay = 2 };
enum class CellKind : std::uint8_t {
  kCounts = 0,
  kSketches = 1,
  kSlab = 2,
  kLabelCounts = 3,  // Of the events with one value of a rolled-up label; widths of a day only.
  kLabelSketches = 4,
  kSenders = 5,  // Of an RP, of all its clients; widths of an hour only.
};

constexpr bool is_label_kind(CellKind kind) {
  return kind == CellKind::kLabelCounts || kind == CellKind::kLabelSketches;
}

inline constexpr std::uint32_t kSeriesPerSlab = 4096;
inline constexpr std::uint16_t kDaysPerWeek = 7;

// Days since the Unix epoch, UTC. `time_ms` is 0..kTimeMsMax.
constexpr std::uint16_t day_of(std::int64_t time_ms) {
  return static_cast<std::uint16_t>(time_ms / kDayMs);
}
constexpr std::int64_t day_begin_ms(std::uint16_t day) { return day * kDayMs; }

constexpr std::int64_t bucket_width_ms(CellWidth width) {
  return width == CellWidth::kMinute ? kMinuteMs : width == CellWidth::kHour ? kHourMs : kDayMs;
}
constexpr std::uint16_t partition_days(CellWidth width) {
  return width == CellWidth::kDay ? kDaysPerWeek : std::uint16_t{1};
}
// 1440, 24, 7: bucket indexes are below it.
constexpr std::uint32_t partition_buckets(CellWidth width) {
  return static_cast<std::uint32_t>(partition_days(width) * kDayMs / bucket_width_ms(width));
}

inline constexpr std::uint32_t kPartitionBucketsMax = partition_buckets(CellWidth::kMinute);

// A slab has one day of its own, though its width is a day.
constexpr std::uint16_t partition_first_day(CellWidth width, CellKind kind, std::uint16_t day) {
  if (kind == CellKind::kSlab || width != CellWidth::kDay) return day;
  return static_cast<std::uint16_t>(day - day % kDaysPerWeek);
}
// The bucket of `time_ms` within its partition.
constexpr std::uint32_t bucket_of(CellWidth width, std::int64_t time_ms) {
  const std::int64_t partition_ms = partition_days(width) * kDayMs;
  return static_cast<std::uint32_t>(time_ms % partition_ms / bucket_width_ms(width));
}
constexpr std::int64_t bucket_begin_ms(CellWidth width, std::uint16_t first_day,
                                       std::uint32_t bucket) {
  return day_begin_ms(first_day) + bucket * bucket_width_ms(width);
}

constexpr std::uint32_t slab_of(std::uint32_t series) { return series / kSeriesPerSlab; }

}  // namespace kpi
