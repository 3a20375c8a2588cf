// The keys that tokens are signed with: a file of one key a line, `ID CREATED KEY`, oldest first.
// The last one signs; all verify, so that a key can be replaced without a gap.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi::auth {

inline constexpr std::size_t kTokenKeyBytes = 32;
inline constexpr std::size_t kTokenKeysMax = 8;
inline constexpr std::size_t kTokenKeysFileBytesMax = 4096;

struct TokenKey {
  std::uint32_t id = 0;        // In the file eight hex digits.
  std::int64_t created_s = 0;  // Unix time.
  std::string secret;          // kTokenKeyBytes; in the file Base64.
  friend bool operator==(const TokenKey&, const TokenKey&) = default;
};
using TokenKeys = std::vector<TokenKey>;

// A key of its own id, from the system's generator for secrets.
TokenKey new_token_key(const TokenKeys& present, std::int64_t now_s);
std::string key_id_text(std::uint32_t id);

// `source` stands in front of the line number in errors. No error repeats a key. kInvalidArgument,
// or kLimitExceeded beyond the limits above. No key at all is allowed.
Result<TokenKeys> parse_token_keys(std::string_view text, std::string_view source);
std::string token_keys_text(const TokenKeys& keys);

// As the functions of secret_file.h. A file without keys is kInvalidArgument.
Result<TokenKeys> load_token_keys(const std::string& path);
Status save_token_keys(const std::string& path, const TokenKeys& keys);

}  // namespace kpi::auth
