#include "server/auth/token_keys.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

#include "server/auth/base64.h"
#include "server/auth/crypto.h"
#include "server/auth/secret_file.h"

namespace kpi::auth {
namespace {

constexpr std::size_t kIdDigits = 8;
constexpr std::string_view kBlanks = " \t\r";

SecretFile keys_file(const std::string& path) {
  return {path, "keys file", kTokenKeysFileBytesMax};
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

template <class T>
bool read_number(std::string_view text, int base, T& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

Error wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

bool has_id(const TokenKeys& keys, std::uint32_t id) {
  return std::any_of(keys.begin(), keys.end(), [&](const TokenKey& key) { return key.id == id; });
}

Status read_line(std::string_view line, TokenKeys& keys) {
  const std::string_view id = take_word(line);
  if (id.empty() || id.front() == '#') return ok_status();
  const std::string_view created = take_word(line);
  const std::string_view secret = take_word(line);
  TokenKey key;
  if (id.size() != kIdDigits || !read_number(id, 16, key.id)) {
    return wrong("a key is ID CREATED KEY, and ID eight hex digits");
  }
  if (!read_number(created, 10, key.created_s) || key.created_s < 0) {
    return wrong("CREATED is seconds since 1970");
  }
  auto bytes = from_base64(secret);
  if (!bytes || bytes->size() != kTokenKeyBytes || !take_word(line).empty()) {
    return wrong("KEY is Base64 of 32 bytes, the last word of its line");
  }
  key.secret = std::move(*bytes);
  if (has_id(keys, key.id)) return wrong("key " + key_id_text(key.id) + " is there twice");
  if (keys.size() == kTokenKeysMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "at most " + std::to_string(kTokenKeysMax) + " keys; remove old ones"};
  }
  keys.push_back(std::move(key));
  return ok_status();
}

}  // namespace

TokenKey new_token_key(const TokenKeys& present, std::int64_t now_s) {
  TokenKey key{0, now_s, random_bytes(kTokenKeyBytes)};
  do {
    const std::string id = random_bytes(sizeof key.id);
    std::memcpy(&key.id, id.data(), sizeof key.id);
  } while (has_id(present, key.id));
  return key;
}

std::string key_id_text(std::uint32_t id) {
  char text[kIdDigits + 1];
  std::snprintf(text, sizeof text, "%08x", id);
  return text;
}

Result<TokenKeys> parse_token_keys(std::string_view text, std::string_view source) {
  TokenKeys keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (Status status = read_line(text.substr(0, end), keys); !status.ok()) {
      return Error{status.error().code, std::string(source) + ":" + std::to_string(number) + ": " +
                                            status.error().message};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return keys;
}

std::string token_keys_text(const TokenKeys& keys) {
  std::string text = "# Keys of tokens: ID CREATED KEY, oldest first; the last one signs.\n";
  for (const TokenKey& key : keys) {
    text += key_id_text(key.id) + ' ' + std::to_string(key.created_s) + ' ' +
            to_base64(key.secret) + '\n';
  }
  return text;
}

Result<TokenKeys> load_token_keys(const std::string& path) {
  auto text = read_secret_file(keys_file(path));
  if (!text.ok()) return std::move(text).error();
  auto keys = parse_token_keys(text.value(), path);
  if (keys.ok() && keys.value().empty()) {
    return Error{ErrorCode::kInvalidArgument, "keys file '" + path + "' has no key",
                 "kpi-admin token-key add --keys FILE"};
  }
  return keys;
}

Status save_token_keys(const std::string& path, const TokenKeys& keys) {
  return write_secret_file(keys_file(path), token_keys_text(keys));
}

}  // namespace kpi::auth
