// Why a report cannot be stored: what every step of parsing answers when it refuses one.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/dialect/dialect.h"

namespace kpi::server {

struct Rejection {
  Reason reason = Reason::kMalformed;
  std::string detail;
};
// Nothing: it passed. A rejection is an answer to the sender, not an Error of ours.
using Check = std::optional<Rejection>;

// "FIELD: EXPECTED". Fields may be named by the sender: they are clipped, and what is not printable
// ASCII becomes '?', so that a detail can stand in any reply or log.
inline constexpr std::size_t kDetailFieldBytesMax = 64;
Rejection refuse(Reason reason, std::string_view field, std::string_view expected);

// A decimal integer as JSON has it: no sign, no leading zero, no fraction; at most `max`.
Check parse_integer(std::string_view text, std::string_view field, std::uint64_t max,
                    std::uint64_t& value);
// The rejections of a number that was read by other means.
Rejection negative(std::string_view field);
Rejection not_integer(std::string_view field);
Rejection out_of_range(std::string_view field, std::uint64_t max);

// A client id, measure name or label: 1..`bytes_max` bytes of UTF-8 without control characters.
Check check_name(std::string_view name, std::string_view field, std::size_t bytes_max);

// 0 .. arrival + kClockSkewMsMax, and what the store can hold.
std::int64_t time_ms_max(std::int64_t arrival_ms);
Check check_time(std::int64_t time_ms, std::int64_t arrival_ms, std::string_view field);

// 1/sample_rate in thousandths, 0 < rate <= 1.
Check weight_of_sample_rate(double rate, std::uint32_t& weight);

}  // namespace kpi::server
