// The five bytes before every cells value: version u8 | low 32 bits of the XXH3-64 of all that
// follows, little-endian. Payloads are never read before the checksum was seen to fit.
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
// Fills in the envelope once the payload is complete.
void seal_value(std::string* value);
// The payload. kUnsupported: a newer version; kCorruption: anything else that is wrong. `what`
// names the kind of value in the message.
Result<std::string_view> open_value(std::string_view value, std::string_view what);

Error damaged(std::string_view what, std::string_view detail);  // A kCorruption.

}  // namespace kpi
