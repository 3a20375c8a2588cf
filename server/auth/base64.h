// Base64 (RFC 4648, section 4) as SCRAM and HTTP Basic use it: padded, one line.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kpi::auth {

std::string to_base64(std::string_view bytes);
// Nothing: another alphabet, missing padding, white space, or bits beyond the last byte that are
// not 0, so that every text of bytes is unique.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace kpi::auth
