// The bytes of a stored document (engine/FORMAT.md): a key whose order is (time, commit), which is
// its id as well, and a guarded value. Pure functions; a decoder trusts nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/key/key.h"
#include "kpi/event.h"
#include "kpi/limits.h"
#include "kpi/result.h"

namespace kpi {

inline constexpr std::size_t kDocumentKeyBytes = 16;
inline constexpr unsigned kDocumentRowBits = 21;  // The sequence has the other 43.

// time u64 | sequence << 21 | row.
struct DocumentKey {
  std::int64_t time_ms = 0;    // Of its event.
  std::uint64_t sequence = 0;  // Of the journal record, below 2^43,
  std::uint32_t row = 0;       // and the event's row in it, below 2^21.
};
KeyBytes<kDocumentKeyBytes> encode(const DocumentKey& key);
// Of the moments in `range`.
KeyRange document_range(TimeRange range);

std::string document_id(std::string_view key);  // Its bytes in hex.
// Nothing: not an id.
std::optional<std::string> document_key_of(std::string_view id);

std::string encode_document(std::string_view key, std::uint16_t arrival_day, std::string_view text);

struct StoredDocument {
  std::int64_t time_ms = 0;
  std::uint16_t arrival_day = 0;  // Days since the epoch, UTC.
  std::string_view text;          // Of the value.
};
// kCorruption, naming the document; kUnsupported: of a newer version.
Result<StoredDocument> decode_document(std::string_view key, std::string_view value);

}  // namespace kpi
