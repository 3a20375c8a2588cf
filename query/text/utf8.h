// Which bytes are text: what every client can be sent back.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace kpi::query {

// The offset of the first byte that begins no UTF-8 character, or is NUL; nothing where all is
// text.
std::optional<std::size_t> first_byte_not_text(std::string_view bytes);

}  // namespace kpi::query
