// A value of kind kSenders: by hour of a day, how many reports of an RP had a known sender and how
// many of them the largest sender sent. Pure values.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

using SenderHours = std::map<std::uint32_t, SenderCounts>;  // By hour, 0..23.

// Two parts of what is known of an hour. Between them a sender is another one: the larger count is
// the surer.
void add_part(SenderCounts* sum, const SenderCounts& part);

// Requires known >= 1 and largest <= known of each.
std::string encode_senders(const SenderHours& hours);
// kUnsupported, kCorruption.
Result<SenderHours> decode_senders(std::string_view value);

}  // namespace kpi
