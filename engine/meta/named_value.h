// Values that callers name, in the family `meta`: PREFIX/NAME -> guard | payload. Pure functions.
#pragma once
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi {

inline constexpr std::string_view kMilestonePrefix = "milestone/", kMarkPrefix = "mark/";

std::string named_key(std::string_view prefix, std::string_view name);
std::string encode_named(std::string_view key, std::string_view payload);
// The payload, a view of `value`. kCorruption, naming the key.
Result<std::string_view> decode_named(std::string_view key, std::string_view value);

}  // namespace kpi
