// PostgreSQL's binary format of numeric.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kpi::server::pgwire {

// In decimals, exact, without zeros at the end of its fraction. Nothing: malformed, NaN, infinite,
// or further from 1 than any float8.
std::optional<std::string> numeric_text(std::string_view bytes);

}  // namespace kpi::server::pgwire
