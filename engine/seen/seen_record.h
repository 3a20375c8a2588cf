// The bytes of the family `seen`: when a request key was written, for which content, and what the
// request was answered. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/seen/seen_table.h"
#include "kpi/result.h"

namespace kpi {

// Keys are ordered by time, so that a range is an age.
std::string encode_seen_key(std::int64_t when_ms, const SeenKey& key);
// All keys of times before `when_ms` come before it.
std::string seen_key_bound(std::int64_t when_ms);
// kCorruption: not the length of a key, or no time.
Result<SeenTable::Entry> decode_seen_key(std::string_view bytes);

struct SeenAnswer {
  std::uint64_t content = 0;
  std::string_view answer;  // A view into what was decoded.
};
std::string encode_seen_answer(std::string_view key, const SeenAnswer& answer);
// kCorruption: damaged, or another key's. kUnsupported: a newer version.
Result<SeenAnswer> decode_seen_answer(std::string_view key, std::string_view value);

}  // namespace kpi
