#include "engine/seen/seen_record.h"

#include "engine/base/bytes.h"
#include "engine/base/guard.h"

namespace kpi {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kKeyBytes = 24;
constexpr std::size_t kHeadBytes = 17;  // Guard, version, content.
constexpr char kTicketScope = '\x80';   // Times have no such first byte.
constexpr std::size_t kTicketKeyBytes = 17, kTicketValueBytes = 9;
static_assert(kKeyBytes <= kSeenKeyBytesMax && kTicketKeyBytes <= kSeenKeyBytesMax);

Error damaged(const char* what) {
  return {ErrorCode::kCorruption, std::string("seen: damaged ") + what, {}, 0};
}

}  // namespace

std::string seen_key_bound(std::int64_t when_ms) {
  std::string bytes;
  append_big_endian(bytes, static_cast<std::uint64_t>(when_ms));
  return bytes;
}

std::string encode_seen_key(std::int64_t when_ms, const SeenKey& key) {
  std::string bytes = seen_key_bound(when_ms);
  append_big_endian(bytes, key.high);
  append_big_endian(bytes, key.low);
  return bytes;
}

Result<SeenTable::Entry> decode_seen_key(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) return damaged("key");
  const auto when = load_big_endian<std::uint64_t>(bytes.data());
  if (when >> 63 != 0) return damaged("key");
  return SeenTable::Entry{{load_big_endian<std::uint64_t>(bytes.data() + 8),
                           load_big_endian<std::uint64_t>(bytes.data() + 16)},
                          static_cast<std::int64_t>(when)};
}

std::string encode_seen_answer(std::string_view key, const SeenAnswer& answer) {
  std::string rest(1, kVersion);
  append_little_endian(rest, answer.content);
  rest += answer.answer;
  std::string value;
  append_little_endian(value, guard_of(key, rest));
  return value + rest;
}

Result<SeenAnswer> decode_seen_answer(std::string_view key, std::string_view value) {
  if (value.size() < kHeadBytes ||
      load_little_endian<std::uint64_t>(value.data()) != guard_of(key, value.substr(8))) {
    return damaged("answer");
  }
  if (value[8] != kVersion) {
    return Error{ErrorCode::kUnsupported, "seen: an answer of a newer version",
                 "use a newer program", 0};
  }
  return SeenAnswer{load_little_endian<std::uint64_t>(value.data() + 9), value.substr(kHeadBytes)};
}

bool is_ticket_key(std::string_view bytes) {
  return !bytes.empty() && bytes.front() == kTicketScope;
}

std::string ticket_key_bound(std::int64_t expires_s) {
  std::string bytes(1, kTicketScope);
  append_big_endian(bytes, static_cast<std::uint64_t>(expires_s));
  return bytes;
}

std::string encode_ticket_key(const Ticket& ticket) {
  std::string bytes = ticket_key_bound(ticket.expires_s);
  append_big_endian(bytes, ticket.id);
  return bytes;
}

std::string encode_ticket_value(std::string_view key) {
  const std::string rest(1, kVersion);
  std::string value;
  append_little_endian(value, guard_of(key, rest));
  return value + rest;
}

Result<Ticket> decode_ticket(std::string_view key, std::string_view value) {
  if (key.size() != kTicketKeyBytes || !is_ticket_key(key)) return damaged("key");
  const auto expires = load_big_endian<std::uint64_t>(key.data() + 1);
  if (expires >> 63 != 0) return damaged("key");
  if (value.size() < kTicketValueBytes ||
      load_little_endian<std::uint64_t>(value.data()) != guard_of(key, value.substr(8))) {
    return damaged("ticket");
  }
  if (value[8] != kVersion) {
    return Error{ErrorCode::kUnsupported, "seen: a ticket of a newer version",
                 "use a newer program", 0};
  }
  if (value.size() != kTicketValueBytes) return damaged("ticket");
  return Ticket{load_big_endian<std::uint64_t>(key.data() + 9), static_cast<std::int64_t>(expires)};
}

Status check_seen(std::string_view key, std::string_view value) {
  if (is_ticket_key(key)) {
    const Result<Ticket> ticket = decode_ticket(key, value);
    return ticket.ok() ? ok_status() : Status(ticket.error());
  }
  const Result<SeenTable::Entry> entry = decode_seen_key(key);
  if (!entry.ok()) return entry.error();
  const Result<SeenAnswer> answer = decode_seen_answer(key, value);
  return answer.ok() ? ok_status() : Status(answer.error());
}

}  // namespace kpi
