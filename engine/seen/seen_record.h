// The bytes of the family `seen`: when a request key was written, for which content, and what the
// request was answered; and which tickets have been used. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/seen/seen_table.h"
#include "kpi/request_key.h"
#include "kpi/result.h"

namespace kpi {

inline constexpr char kMetaSeenSeed[] = "seen_seed";  // In `meta`: of the hashes of keys.

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

// Keys of tickets come after all keys of requests, ordered by expiry.
inline constexpr std::size_t kSeenKeyBytesMax = 24;
bool is_ticket_key(std::string_view bytes);
std::string encode_ticket_key(const Ticket& ticket);
// All keys of tickets that expire before `expires_s` come before it.
std::string ticket_key_bound(std::int64_t expires_s);
std::string encode_ticket_value(std::string_view key);
// kCorruption: damaged, or no ticket. kUnsupported: a newer version.
Result<Ticket> decode_ticket(std::string_view key, std::string_view value);

// Either of them, as a check. Errors as above.
Status check_seen(std::string_view key, std::string_view value);

}  // namespace kpi
