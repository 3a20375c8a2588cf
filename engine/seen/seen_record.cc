#include "engine/seen/seen_record.h"

#include "engine/base/bytes.h"
#include "engine/base/guard.h"

namespace kpi {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kKeyBytes = 24;
constexpr std::size_t kHeadBytes = 17;  // Guard, version, content.

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

}  // namespace kpi
