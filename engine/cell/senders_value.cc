#include "engine/cell/senders_value.h"

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/cell/saturate.h"
#include "engine/cell/value_envelope.h"
#include "engine/key/partition.h"

namespace kpi {
namespace {

constexpr std::string_view kWhat = "a senders value";

}  // namespace

void add_part(SenderCounts* sum, const SenderCounts& part) {
  sum->known = saturating_add(sum->known, part.known);
  sum->largest = std::max(sum->largest, part.largest);
}

std::string encode_senders(const SenderHours& hours) {
  std::string value;
  begin_value(&value);
  std::uint32_t next = 0;
  for (const auto& [hour, counts] : hours) {
    append_varint(value, hour - next);
    append_varint(value, counts.known);
    append_varint(value, counts.known - counts.largest);
    next = hour + 1;
  }
  seal_value(&value);
  return value;
}

Result<SenderHours> decode_senders(std::string_view value) {
  const Result<std::string_view> payload = open_value(value, kWhat);
  if (!payload.ok()) return payload.error();
  ByteReader reader(payload.value());
  SenderHours hours;
  std::uint64_t next = 0;
  while (!reader.done()) {
    std::uint64_t gap = 0, known = 0, others = 0;
    if (!reader.varint(gap) || !reader.varint(known) || !reader.varint(others) ||
        gap >= partition_buckets(CellWidth::kHour) || known == 0 || others > known) {
      return damaged(kWhat, "has an hour that cannot be");
    }
    next += gap;
    if (next >= partition_buckets(CellWidth::kHour)) return damaged(kWhat, "has an hour too many");
    hours[static_cast<std::uint32_t>(next)] = {known, known - others};
    ++next;
  }
  if (hours.empty()) return damaged(kWhat, "has no hour");
  return hours;
}

}  // namespace kpi
