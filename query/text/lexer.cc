#include <algorithm>
#include <array>

#include "kpi/limits.h"
#include "query/text/token.h"
#include "query/text/utf8.h"

namespace kpi::query {
namespace {

constexpr std::array<std::string_view, 29> kReserved = {"and",
                                                        "as",
                                                        "asc",
                                                        "between",
                                                        "by",
                                                        "cast",
                                                        "current_date",
                                                        "current_timestamp",
                                                        "desc",
                                                        "false",
                                                        "fill",
                                                        "from",
                                                        "group",
                                                        "having",
                                                        "in",
                                                        "is",
                                                        "like",
                                                        "limit",
                                                        "localtimestamp",
                                                        "not",
                                                        "null",
                                                        "nulls",
                                                        "offset",
                                                        "or",
                                                        "order",
                                                        "select",
                                                        "true",
                                                        "union",
                                                        "where"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_start(c) || is_digit(c) || c == '$'; }
std::string byte_name(char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("byte 0x") + kHex[byte >> 4] + kHex[byte & 15];
}
char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    while (true) {
      if (const Status skipped = skip_blanks(); !skipped.ok()) return skipped.error();
      begin_ = at_;
      if (at_ == text_.size()) {
        push(Token::Kind::kEnd, "");
        return std::move(tokens_);
      }
      if (const Status lexed = next(); !lexed.ok()) return lexed.error();
    }
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  Error error(std::string message) const {
    return {ErrorCode::kInvalidArgument, std::move(message), {}, begin_ + 1};
  }
  void push(Token::Kind kind, std::string text) {
    tokens_.push_back({kind, begin_ + 1, std::move(text), text_.substr(begin_, at_ - begin_)});
  }

  Status skip_blanks() {
    while (at_ < text_.size()) {
      begin_ = at_;
      if (is_blank(peek())) {
        ++at_;
      } else if (peek() == '-' && peek(1) == '-') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (peek() == '/' && peek(1) == '*') {
        if (!skip_block_comment()) return error("expected '*/' at the end of this comment");
      } else {
        break;
      }
    }
    return ok_status();
  }

  bool skip_block_comment() {  // They nest, as in PostgreSQL.
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return true;
      } else {
        ++at_;
      }
    }
    return false;
  }

  Status next() {
    if ((peek() == 'e' || peek() == 'E') && peek(1) == '\'') return escape_string();
    if (is_name_start(peek())) return name();
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    if (peek() == '\'') return string();
    if (peek() == '"') return quoted_name();
    if (peek() == '$' && is_digit(peek(1))) return parameter();
    return symbol();
  }

  Status name() {
    while (is_name_part(peek()) || (peek() == '.' && is_name_part(peek(1)))) ++at_;
    std::string folded(text_.substr(begin_, at_ - begin_));
    std::transform(folded.begin(), folded.end(), folded.begin(), fold);
    push(Token::Kind::kName, std::move(folded));
    return ok_status();
  }

  Status number() {
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && is_digit(peek(1))) ++at_;
    while (is_digit(peek())) ++at_;
    const std::size_t sign = peek(1) == '-' || peek(1) == '+' ? 2 : 1;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign))) {
      at_ += sign;
      while (is_digit(peek())) ++at_;
    }
    if (is_name_start(peek())) {
      return error("expected a number, found '" +
                   std::string(text_.substr(begin_, at_ + 1 - begin_)) + "'");
    }
    push(Token::Kind::kNumber, std::string(text_.substr(begin_, at_ - begin_)));
    return ok_status();
  }

  Status parameter() {
    ++at_;
    while (peek() == '0') ++at_;
    const std::size_t digits = at_;
    while (is_digit(peek())) ++at_;
    if (is_name_part(peek()) || at_ == digits) {
      return error("expected a parameter like $1, found '" +
                   std::string(text_.substr(begin_, at_ + 1 - begin_)) + "'");
    }
    constexpr std::size_t kDigitsMax = 6;
    std::string number(text_.substr(digits, at_ - digits));
    if (number.size() > kDigitsMax || std::stoul(number) > kParametersMax) {
      return Error{ErrorCode::kLimitExceeded,
                   "expected parameters $1 to $" + std::to_string(kParametersMax) + ", found $" +
                       number.substr(0, kDigitsMax),
                   {},
                   begin_ + 1};
    }
    push(Token::Kind::kParameter, std::move(number));
    return ok_status();
  }

  // Reads up to the closing quote, a doubled quote being one of the text. False: no end.
  bool quoted(char quote, std::string& text) {
    ++at_;
    while (at_ < text_.size()) {
      if (peek() != quote) {
        text += peek();
        ++at_;
      } else if (peek(1) == quote) {
        text += quote;
        at_ += 2;
      } else {
        ++at_;
        return true;
      }
    }
    return false;
  }

  Status string() {
    std::string text;
    if (!quoted('\'', text)) return error("expected ' at the end of this string");
    push(Token::Kind::kString, std::move(text));
    return ok_status();
  }

  // E'...', as drivers quote a text with backslashes. A quote within is doubled, never escaped: so
  // such a string ends where any other does.
  Status escape_string() {
    std::string quoted_text, text;
    ++at_;
    if (!quoted('\'', quoted_text)) return error("expected ' at the end of this string");
    for (std::size_t i = 0; i < quoted_text.size(); ++i) {
      if (quoted_text[i] != '\\') {
        text += quoted_text[i];
        continue;
      }
      constexpr std::string_view kEscapes = "\\\"bfnrt", kMeant = "\\\"\b\f\n\r\t";
      const char escape = ++i < quoted_text.size() ? quoted_text[i] : '\'';
      const std::size_t known = kEscapes.find(escape);
      if (known == std::string_view::npos) {
        return error("expected \\\\, \\b, \\f, \\n, \\r, \\t or '' within this string");
      }
      text += kMeant[known];
    }
    push(Token::Kind::kString, std::move(text));
    return ok_status();
  }

  Status quoted_name() {  // "public"."events" is one dotted name, like public.events.
    std::string text;
    if (!quoted('"', text)) return error("expected \" at the end of this name");
    while (peek() == '.' && peek(1) == '"') {
      ++at_;
      text += '.';
      if (!quoted('"', text)) return error("expected \" at the end of this name");
    }
    if (text.empty()) return error("expected a name between the quotes, found none");
    push(Token::Kind::kQuotedName, std::move(text));
    return ok_status();
  }

  Status symbol() {
    constexpr std::array<std::string_view, 5> kTwo = {"<=", ">=", "<>", "!=", "::"};
    const std::string_view two = text_.substr(at_, 2);
    if (std::find(kTwo.begin(), kTwo.end(), two) != kTwo.end()) {
      at_ += 2;
      push(Token::Kind::kSymbol, two == "!=" ? "<>" : std::string(two));
      return ok_status();
    }
    if (std::string_view("()*,;+-/%=<>").find(peek()) == std::string_view::npos || peek() == '\0') {
      return error("expected a word, number, string or operator, found " + shown(peek()));
    }
    ++at_;
    push(Token::Kind::kSymbol, std::string(text_.substr(begin_, 1)));
    return ok_status();
  }

  static std::string shown(char c) {
    if (c > ' ' && c < 0x7F) return std::string("'") + c + "'";
    return byte_name(c);
  }

  std::string_view text_;
  std::size_t at_ = 0;     // The next byte.
  std::size_t begin_ = 0;  // Of the token being read.
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> lex(std::string_view text) {
  if (text.size() > kStatementBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a query text has at most " +
                                                std::to_string(kStatementBytesMax) +
                                                " bytes, found " + std::to_string(text.size())};
  }
  if (const auto at = first_byte_not_text(text)) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected UTF-8 text, found " + byte_name(text[*at]),
                 {},
                 *at + 1};
  }
  return Lexer(text).run();
}

bool is_reserved(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || !is_name_start(name[0]) || is_reserved(name)) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool dot = name[i] == '.' && i + 1 < name.size() && is_name_part(name[i + 1]);
    if (!dot && (!is_name_part(name[i]) || fold(name[i]) != name[i])) return false;
  }
  return true;
}

}  // namespace kpi::query
