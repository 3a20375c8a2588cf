// Any bytes under a right checksum as what the store reads at its start: journal records, keys of
// every family, answers to request keys, documents, named values, counts of senders. What decodes
// is within its ranges, and is written the same again. The first byte chooses what it is.
#include <xxhash.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/cell/senders_value.h"
#include "engine/cell/value_envelope.h"
#include "engine/document/document_record.h"
#include "engine/journal/record.h"
#include "engine/key/key.h"
#include "engine/meta/named_value.h"
#include "engine/seen/seen_record.h"
#include "kpi/assert.h"

namespace {

using namespace kpi;

constexpr std::size_t kHashBytes = 8;

std::string hashed(std::string_view bytes) {
  std::string value(kHashBytes, '\0');
  value.append(bytes);
  const std::uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  std::memcpy(value.data(), &hash, sizeof hash);
  return value;
}

void read_journal(std::string_view bytes) {
  const std::string record = hashed(bytes);
  auto reader = RecordReader::open(record, [](std::uint32_t id) { return id % 7; });
  if (!reader.ok()) return;
  RecordBuilder builder;
  for (const Shape& shape : reader.value().shapes()) builder.add_shape(shape);
  RecordReader::Row row;
  for (;;) {
    const auto more = reader.value().next(&row);
    if (!more.ok()) return;
    if (!more.value()) break;
    KPI_ASSERT(row.shape < reader.value().shapes().size());
    builder.add_row(row.time_ms, row.series, row.shape, row.values);
  }
  const std::string again(builder.finish());
  KPI_ASSERT(RecordReader::open(again, [](std::uint32_t id) { return id % 7; }).ok());
}

template <class Key>
void check_key(const Result<Key>& key, std::string_view bytes) {
  if (key.ok()) KPI_ASSERT(encode(key.value()).view() == bytes);
}

void read_keys(std::string_view bytes) {
  check_key(decode_raw_key(bytes), bytes);
  check_key(decode_cell_key(bytes), bytes);
  check_key(decode_name_key(bytes), bytes);
  const auto sequence = decode_journal_key(bytes);
  if (sequence.ok()) KPI_ASSERT(encode_journal_key(sequence.value()).view() == bytes);
  const auto seen = decode_seen_key(bytes);
  if (seen.ok()) KPI_ASSERT(encode_seen_key(seen.value().when_ms, seen.value().key) == bytes);
  if (const auto key = document_key_of(bytes)) KPI_ASSERT(document_id(*key) == bytes);
}

void read_senders(std::string_view bytes) {
  std::string value;
  begin_value(&value);
  value.append(bytes);
  seal_value(&value);
  const auto hours = decode_senders(value);
  if (!hours.ok()) return;
  for (const auto& [hour, counts] : hours.value()) {
    KPI_ASSERT(hour < 24 && counts.known > 0 && counts.largest <= counts.known);
  }
  KPI_ASSERT(decode_senders(encode_senders(hours.value())).value() == hours.value());
}

// A key and its value, which are guarded together where the writer is asked to.
void read_values(std::string_view bytes) {
  const std::size_t half = bytes.size() / 2;
  const std::string_view key = bytes.substr(0, half), value = bytes.substr(half);
  (void)decode_seen_answer(key, value);
  (void)decode_document(key, value);
  (void)decode_named(key, value);
  read_senders(bytes);
  const std::string named = encode_named(key, value);
  KPI_ASSERT(decode_named(key, named).ok() && decode_named(key, named).value() == value);
  const std::string answer = encode_seen_answer(key, {bytes.size(), value});
  const auto seen = decode_seen_answer(key, answer);
  KPI_ASSERT(seen.ok() && seen.value().answer == value && seen.value().content == bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      read_journal(bytes);
      break;
    case 1:
      read_keys(bytes);
      break;
    default:
      read_values(bytes);
      break;
  }
  return 0;
}
