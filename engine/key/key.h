// Order-preserving keys of the column families: big-endian, fixed width, so that the order of
// bytes is the order of tuples. Pure functions; a decoder trusts nothing.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/key/partition.h"
#include "kpi/result.h"

namespace kpi {

// A key's bytes, held in place. The view lives as long as the object.
template <std::size_t kSize>
struct KeyBytes {
  std::array<char, kSize> bytes{};
  std::size_t size = kSize;
  std::string_view view() const { return {bytes.data(), size}; }
};

inline constexpr std::size_t kRawKeyBytes = 15, kCellKeyBytes = 12, kLabelCellKeyBytes = 20,
                             kNameKeyBytes = 5, kJournalKeyBytes = 8;
inline constexpr std::uint8_t kHourSparse = 24;  // "The day so far": no hour cells hold its events.

// day u16 | rp u32 | series u32 | hour u8 | seal u32.
struct RawKey {
  std::uint16_t day = 0;  // Days since the Unix epoch, UTC.
  std::uint32_t rp = 0, series = 0;
  std::uint8_t hour = 0;  // 0..23: the events of that hour, its hour cell exists; or kHourSparse.
  std::uint32_t seal = 0;
  auto operator<=>(const RawKey&) const = default;
};

// first day u16 | width u8 | kind u8 | rp u32 | series u32. (0, 0) is all RPs. Of label kinds:
// first day u16 | width u8 | kind u8 | rollup u32 | rp u32 | series u32 | label value u32.
struct CellKey {
  std::uint16_t first_day = 0;  // partition_first_day(width, kind, day).
  CellWidth width = CellWidth::kMinute;
  CellKind kind = CellKind::kCounts;
  // Of a slab: 0 and slab_of(series); of senders: the RP and the number of a part, from 1.
  std::uint32_t rp = 0, series = 0;
  std::uint32_t rollup = 0;       // Rollup::id; 0 in other kinds, and so is the next.
  std::uint32_t label_value = 0;  // The dictionary's id; 0: of events without the label.
  std::strong_ordering operator<=>(const CellKey& other) const;  // As of the bytes.
  bool operator==(const CellKey&) const = default;
};

// kind u8 | id u32. `kind` is a NameKind of the dictionary.
struct NameKey {
  std::uint8_t kind = 0;
  std::uint32_t id = 0;
  auto operator<=>(const NameKey&) const = default;
};

KeyBytes<kRawKeyBytes> encode(const RawKey& key);
KeyBytes<kLabelCellKeyBytes> encode(const CellKey& key);
KeyBytes<kNameKeyBytes> encode(const NameKey& key);
KeyBytes<kJournalKeyBytes> encode_journal_key(std::uint64_t sequence);

// kCorruption: a wrong size, or a field outside its range.
Result<RawKey> decode_raw_key(std::string_view bytes);
Result<CellKey> decode_cell_key(std::string_view bytes);
Result<NameKey> decode_name_key(std::string_view bytes);
Result<std::uint64_t> decode_journal_key(std::string_view bytes);

// The keys k with begin <= k < end, bytewise.
struct KeyRange {
  std::string begin, end;
};

KeyRange raw_range(std::uint16_t day);
KeyRange raw_range(std::uint16_t day, std::uint32_t rp);
KeyRange raw_range(std::uint16_t day, std::uint32_t rp, std::uint32_t series);
KeyRange raw_days_before(std::uint16_t day);  // Of all days < day.
KeyRange cell_range(std::uint16_t first_day);
KeyRange cell_range(std::uint16_t first_day, CellWidth width);
KeyRange cell_range(std::uint16_t first_day, CellWidth width, CellKind kind);
KeyRange cell_range(std::uint16_t first_day, CellWidth width, CellKind kind, std::uint32_t rp);
KeyRange label_cell_range(std::uint16_t first_day, CellKind kind, std::uint32_t rollup);
KeyRange name_range(std::uint8_t kind);

}  // namespace kpi
