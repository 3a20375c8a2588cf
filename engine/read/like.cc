#include "engine/read/like.h"

#include <cstddef>

namespace kpi {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The end of the character that begins at `at`; any byte begins one, so that damaged text ends too.
std::size_t character_end(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && is_continuation(text[at])) ++at;
  return at;
}

// Matches one element of the pattern, which is not %. Moves both on, or leaves them and is false.
bool match_one(std::string_view text, std::string_view pattern, std::size_t* at, std::size_t* p) {
  if (pattern[*p] == '_') {
    *at = character_end(text, *at);
    ++*p;
    return true;
  }
  const bool escaped = pattern[*p] == '\\' && *p + 1 < pattern.size();
  if (text[*at] != pattern[*p + (escaped ? 1 : 0)]) return false;
  ++*at;
  *p += escaped ? 2 : 1;
  return true;
}

}  // namespace

// Only the last % seen needs to be tried again: an earlier one that took more could not help.
bool like_matches(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, p = 0;
  std::size_t retry_text = 0, retry_pattern = std::string_view::npos;
  while (at < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      retry_pattern = ++p;
      retry_text = at;
    } else if (p < pattern.size() && match_one(text, pattern, &at, &p)) {
      continue;
    } else if (retry_pattern != std::string_view::npos) {
      retry_text = character_end(text, retry_text);
      at = retry_text;
      p = retry_pattern;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace kpi
