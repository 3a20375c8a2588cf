// The five bytes before every cells value: version u8 | checksum u32 of what follows,
// little-endian, which is the low 32 bits of its XXH3-64. Nothing is believed before its checksum
// was seen to fit.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi {

inline constexpr std::uint8_t kCellVersion = 1;
inline constexpr std::size_t kEnvelopeBytes = 5;

// Empties `value` and leaves room for the envelope; the payload is appended behind it.
void begin_value(std::string* value);
// Fills in the envelope once the payload is complete; the checksum is of its first `covered` bytes.
void seal_value(std::string* value, std::size_t covered = std::string::npos);

// The payload, still unchecked. kUnsupported: a newer version; kCorruption: too short, or no
// version. `what` names the kind of value in the message.
Result<std::string_view> payload_of(std::string_view value, std::string_view what);
// Whether the envelope's checksum is that of the first `covered` bytes of the payload.
bool checksum_fits(std::string_view value, std::size_t covered = std::string::npos);
// Both: the payload, checked.
Result<std::string_view> open_value(std::string_view value, std::string_view what);
std::uint32_t checksum(std::string_view bytes);

Error damaged(std::string_view what, std::string_view detail);  // A kCorruption.

}  // namespace kpi
