#include "engine/key/key.h"

#include <tuple>

#include "engine/base/bytes.h"

namespace kpi {
namespace {

constexpr std::uint8_t kHourMax = kHourSparse;

class KeyWriter {
 public:
  explicit KeyWriter(char* out) : at_(out) {}
  template <class Word>
  KeyWriter& put(Word value) {
    for (int shift = static_cast<int>(sizeof(Word)) * 8 - 8; shift >= 0; shift -= 8) {
      *at_++ = static_cast<char>(value >> shift);
    }
    return *this;
  }

 private:
  char* at_;
};

class KeyReader {
 public:
  explicit KeyReader(std::string_view bytes) : at_(bytes.data()) {}
  template <class Word>
  Word get() {
    const Word word = load_big_endian<Word>(at_);
    at_ += sizeof(Word);
    return word;
  }

 private:
  const char* at_;
};

Error bad_key(std::string_view family, std::string_view detail) {
  std::string message = "a key of ";
  message.append(family).append(" ").append(detail);
  return {ErrorCode::kCorruption, std::move(message)};
}

// All keys that start with `prefix`. No key is longer than kLabelCellKeyBytes, so a run of 0xFF of
// that length and one more is above them all.
KeyRange prefix_range(std::string prefix) {
  std::string end = prefix;
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (end.empty()) {
    end.assign(kLabelCellKeyBytes + 1, '\xFF');
  } else {
    end.back() = static_cast<char>(end.back() + 1);
  }
  return {std::move(prefix), std::move(end)};
}

template <class... Words>
KeyRange range_of(Words... words) {
  std::string prefix;
  (append_big_endian(prefix, words), ...);
  return prefix_range(std::move(prefix));
}

}  // namespace

KeyBytes<kRawKeyBytes> encode(const RawKey& key) {
  KeyBytes<kRawKeyBytes> out;
  KeyWriter(out.bytes.data()).put(key.day).put(key.rp).put(key.series).put(key.hour).put(key.seal);
  return out;
}

std::strong_ordering CellKey::operator<=>(const CellKey& other) const {
  return std::tie(first_day, width, kind, rollup, rp, series, label_value) <=>
         std::tie(other.first_day, other.width, other.kind, other.rollup, other.rp, other.series,
                  other.label_value);
}

KeyBytes<kLabelCellKeyBytes> encode(const CellKey& key) {
  KeyBytes<kLabelCellKeyBytes> out;
  KeyWriter writer(out.bytes.data());
  writer.put(key.first_day)
      .put(static_cast<std::uint8_t>(key.width))
      .put(static_cast<std::uint8_t>(key.kind));
  const bool of_label = is_label_kind(key.kind);
  if (of_label) writer.put(key.rollup);
  writer.put(key.rp).put(key.series);
  if (of_label) writer.put(key.label_value);
  out.size = of_label ? kLabelCellKeyBytes : kCellKeyBytes;
  return out;
}

KeyBytes<kNameKeyBytes> encode(const NameKey& key) {
  KeyBytes<kNameKeyBytes> out;
  KeyWriter(out.bytes.data()).put(key.kind).put(key.id);
  return out;
}

KeyBytes<kJournalKeyBytes> encode_journal_key(std::uint64_t sequence) {
  KeyBytes<kJournalKeyBytes> out;
  KeyWriter(out.bytes.data()).put(sequence);
  return out;
}

Result<RawKey> decode_raw_key(std::string_view bytes) {
  if (bytes.size() != kRawKeyBytes) return bad_key("raw", "has the wrong size");
  KeyReader reader(bytes);
  RawKey key;
  key.day = reader.get<std::uint16_t>();
  key.rp = reader.get<std::uint32_t>();
  key.series = reader.get<std::uint32_t>();
  key.hour = reader.get<std::uint8_t>();
  key.seal = reader.get<std::uint32_t>();
  if (key.hour > kHourMax) return bad_key("raw", "names an hour beyond 24");
  return key;
}

Result<CellKey> decode_cell_key(std::string_view bytes) {
  if (bytes.size() < kCellKeyBytes) return bad_key("cells", "has the wrong size");
  KeyReader reader(bytes);
  CellKey key;
  key.first_day = reader.get<std::uint16_t>();
  const auto width = reader.get<std::uint8_t>();
  const auto kind = reader.get<std::uint8_t>();
  const bool of_label = is_label_kind(static_cast<CellKind>(kind));
  if (bytes.size() != (of_label ? kLabelCellKeyBytes : kCellKeyBytes)) {
    return bad_key("cells", "has the wrong size");
  }
  if (of_label) key.rollup = reader.get<std::uint32_t>();
  key.rp = reader.get<std::uint32_t>();
  key.series = reader.get<std::uint32_t>();
  if (of_label) key.label_value = reader.get<std::uint32_t>();
  if (width > static_cast<std::uint8_t>(CellWidth::kDay)) {
    return bad_key("cells", "names an unknown width");
  }
  if (kind > static_cast<std::uint8_t>(CellKind::kSenders)) {
    return bad_key("cells", "names an unknown kind");
  }
  key.width = static_cast<CellWidth>(width);
  key.kind = static_cast<CellKind>(kind);
  if (key.kind == CellKind::kSlab && (key.width != CellWidth::kDay || key.rp != 0)) {
    return bad_key("cells", "names a slab that is not one of days and all RPs");
  }
  if (key.kind == CellKind::kSenders &&
      (key.width != CellWidth::kHour || key.rp == 0 || key.series == 0)) {
    return bad_key("cells", "names senders that are not of hours, an RP and a part");
  }
  if (of_label && (key.width != CellWidth::kDay || key.rollup == 0)) {
    return bad_key("cells", "names label cells that are not of days and a rollup");
  }
  if (key.first_day != partition_first_day(key.width, key.kind, key.first_day)) {
    return bad_key("cells", "names a day that begins no partition");
  }
  return key;
}

Result<NameKey> decode_name_key(std::string_view bytes) {
  if (bytes.size() != kNameKeyBytes) return bad_key("names", "has the wrong size");
  KeyReader reader(bytes);
  NameKey key;
  key.kind = reader.get<std::uint8_t>();
  key.id = reader.get<std::uint32_t>();
  return key;
}

Result<std::uint64_t> decode_journal_key(std::string_view bytes) {
  if (bytes.size() != kJournalKeyBytes) return bad_key("journal", "has the wrong size");
  return load_big_endian<std::uint64_t>(bytes.data());
}

KeyRange raw_range(std::uint16_t day) { return range_of(day); }
KeyRange raw_range(std::uint16_t day, std::uint32_t rp) { return range_of(day, rp); }
KeyRange raw_range(std::uint16_t day, std::uint32_t rp, std::uint32_t series) {
  return range_of(day, rp, series);
}

KeyRange raw_days_before(std::uint16_t day) {
  KeyRange range;
  append_big_endian(range.end, day);
  return range;
}

KeyRange cell_range(std::uint16_t first_day) { return range_of(first_day); }
KeyRange cell_range(std::uint16_t first_day, CellWidth width) {
  return range_of(first_day, static_cast<std::uint8_t>(width));
}
KeyRange cell_range(std::uint16_t first_day, CellWidth width, CellKind kind) {
  return range_of(first_day, static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(kind));
}
KeyRange cell_range(std::uint16_t first_day, CellWidth width, CellKind kind, std::uint32_t rp) {
  return range_of(first_day, static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(kind), rp);
}
KeyRange label_cell_range(std::uint16_t first_day, CellKind kind, std::uint32_t rollup) {
  return range_of(first_day, static_cast<std::uint8_t>(CellWidth::kDay),
                  static_cast<std::uint8_t>(kind), rollup);
}
KeyRange name_range(std::uint8_t kind) { return range_of(kind); }

}  // namespace kpi
