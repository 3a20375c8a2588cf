// Text -> tokens: the words of a statement, each with its place.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi::query {

struct Token {
  enum class Kind : std::uint8_t {
    kEnd,
    kName,
    kQuotedName,
    kNumber,
    kString,
    kParameter,
    kSymbol
  };
  Kind kind = Kind::kEnd;
  std::size_t position = 1;   // 1-based byte offset of its first byte.
  std::string text = {};      // Names folded to lower case, quotes resolved; $1 is "1".
  std::string_view raw = {};  // As written; a view of the lexed text.
};

// All tokens of `text`, the last of kind kEnd. Comments and white space are left out. Dotted names
// are one token. kInvalidArgument: a byte that starts no token, or a string, quoted name or
// comment without its end. kLimitExceeded: more than kStatementBytesMax bytes, or a parameter
// beyond kParametersMax.
Result<std::vector<Token>> lex(std::string_view text);

// True for words that name nothing unless they are quoted.
bool is_reserved(std::string_view word);
// True where `name` reads back as itself without quotes.
bool is_plain_name(std::string_view name);

}  // namespace kpi::query
