#include "engine/meta/named_value.h"

#include "engine/base/bytes.h"
#include "engine/base/guard.h"

namespace kpi {

std::string named_key(std::string_view prefix, std::string_view name) {
  std::string key(prefix);
  key.append(name);
  return key;
}

std::string encode_named(std::string_view key, std::string_view payload) {
  std::string value;
  append_little_endian(value, guard_of(key, payload));
  value.append(payload);
  return value;
}

Result<std::string_view> decode_named(std::string_view key, std::string_view value) {
  if (value.size() >= 8) {
    const std::string_view payload = value.substr(8);
    if (load_little_endian<std::uint64_t>(value.data()) == guard_of(key, payload)) return payload;
  }
  return Error{ErrorCode::kCorruption, "meta: damaged " + std::string(key), {}, 0};
}

}  // namespace kpi
