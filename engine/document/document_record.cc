#include "engine/document/document_record.h"

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/base/guard.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr char kHex[] = "0123456789abcdef";

std::string time_key(std::int64_t time_ms) {
  std::string key;
  append_big_endian(key, static_cast<std::uint64_t>(time_ms));
  return key;
}

Error damaged(std::string_view key, const char* what) {
  return {ErrorCode::kCorruption, "document " + document_id(key) + ": " + what, {}, 0};
}

}  // namespace

KeyBytes<kDocumentKeyBytes> encode(const DocumentKey& key) {
  KPI_ASSERT(key.time_ms >= 0 && key.time_ms <= kTimeMsMax);
  KPI_ASSERT(key.row >> kDocumentRowBits == 0);
  KPI_ASSERT(key.sequence >> (64 - kDocumentRowBits) == 0);
  std::string bytes = time_key(key.time_ms);
  append_big_endian(bytes, key.sequence << kDocumentRowBits | key.row);
  KeyBytes<kDocumentKeyBytes> encoded;
  std::copy(bytes.begin(), bytes.end(), encoded.bytes.begin());
  return encoded;
}

KeyRange document_range(TimeRange range) {
  const auto bound = [](std::int64_t time_ms) {
    return time_key(std::clamp<std::int64_t>(time_ms, 0, kTimeMsMax + 1));
  };
  return {bound(range.begin_ms), bound(range.end_ms)};
}

std::string document_id(std::string_view key) {
  std::string id;
  for (const char byte : key) {
    id.push_back(kHex[static_cast<unsigned char>(byte) >> 4]);
    id.push_back(kHex[static_cast<unsigned char>(byte) & 15]);
  }
  return id;
}

std::optional<std::string> document_key_of(std::string_view id) {
  if (id.size() != 2 * kDocumentKeyBytes) return std::nullopt;
  const std::string_view digits(kHex, 16);
  std::string key;
  for (std::size_t i = 0; i < id.size(); i += 2) {
    const std::size_t high = digits.find(id[i]), low = digits.find(id[i + 1]);
    if (high == digits.npos || low == digits.npos) return std::nullopt;
    key.push_back(static_cast<char>(high << 4 | low));
  }
  return key;
}

std::string encode_document(std::string_view key, std::uint16_t arrival_day,
                            std::string_view text) {
  KPI_ASSERT(!text.empty() && text.size() <= kDocumentBytesMax);
  std::string value;
  value.reserve(11 + text.size());
  append_little_endian(value, std::uint64_t{0});
  append_little_endian(value, kVersion);
  append_little_endian(value, arrival_day);
  value.append(text);
  const std::uint64_t guard = guard_of(key, std::string_view(value).substr(8));
  std::memcpy(value.data(), &guard, sizeof guard);
  return value;
}

Result<StoredDocument> decode_document(std::string_view key, std::string_view value) {
  if (key.size() != kDocumentKeyBytes) return damaged(key, "a key of the wrong size");
  const auto time_ms = load_big_endian<std::uint64_t>(key.data());
  if (time_ms > static_cast<std::uint64_t>(kTimeMsMax)) return damaged(key, "a time beyond 2149");
  ByteReader reader(value);
  StoredDocument document;
  document.time_ms = static_cast<std::int64_t>(time_ms);
  std::uint64_t guard = 0;
  std::uint8_t version = 0;
  if (!reader.little_endian(guard) || !reader.little_endian(version)) {
    return damaged(key, "shorter than its header");
  }
  if (guard != guard_of(key, value.substr(8))) return damaged(key, "checksum mismatch");
  if (version != kVersion) {
    return Error{ErrorCode::kUnsupported,
                 "document " + document_id(key) + " of version " + std::to_string(version) +
                     ", this program reads up to " + std::to_string(kVersion),
                 {},
                 0};
  }
  if (!reader.little_endian(document.arrival_day)) return damaged(key, "shorter than its header");
  (void)reader.take(reader.remaining(), document.text);
  if (document.text.empty() || document.text.size() > kDocumentBytesMax) {
    return damaged(key, "a text of the wrong size");
  }
  return document;
}

}  // namespace kpi
