#include "engine/cell/value_envelope.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "engine/base/bytes.h"
#include "kpi/assert.h"
#include "kpi/canary.h"

namespace kpi {

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

void begin_value(std::string* value) {
  value->assign(kEnvelopeBytes, '\0');
  value->front() = static_cast<char>(kCellVersion);
}

void seal_value(std::string* value, std::size_t covered) {
  KPI_ASSERT(value->size() >= kEnvelopeBytes);
  const std::uint32_t sum = checksum(std::string_view(*value).substr(kEnvelopeBytes, covered));
  std::memcpy(value->data() + 1, &sum, sizeof sum);
}

Result<std::string_view> payload_of(std::string_view value, std::string_view what) {
  if (value.size() < kEnvelopeBytes) return damaged(what, "is too short");
  const auto version = static_cast<std::uint8_t>(value.front());
  if (version > kCellVersion) {
    return Error{ErrorCode::kUnsupported, std::string(what) + " has format version " +
                                              std::to_string(version) + ", this program knows " +
                                              std::to_string(kCellVersion)};
  }
  if (version != kCellVersion) return damaged(what, "has no format version");
  return value.substr(kEnvelopeBytes);
}

bool checksum_fits(std::string_view value, std::size_t covered) {
  if (canary("cell-checksum-ignored")) return true;
  return load_little_endian<std::uint32_t>(value.data() + 1) ==
         checksum(value.substr(kEnvelopeBytes, covered));
}

Result<std::string_view> open_value(std::string_view value, std::string_view what) {
  auto payload = payload_of(value, what);
  if (payload.ok() && !checksum_fits(value)) return damaged(what, "does not match its checksum");
  return payload;
}

Error damaged(std::string_view what, std::string_view detail) {
  std::string message(what);
  message.append(" ").append(detail);
  return {ErrorCode::kCorruption, std::move(message)};
}

}  // namespace kpi
