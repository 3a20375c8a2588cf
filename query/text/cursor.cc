#include "query/text/cursor.h"

#include <algorithm>

namespace kpi::query {
namespace {

constexpr std::size_t kShownBytesMax = 40;

std::string found(const Token& token) {
  if (token.kind == Token::Kind::kEnd) return "the end";
  if (token.kind == Token::Kind::kString) return "a string";
  std::string raw(token.raw.substr(0, kShownBytesMax));
  if (token.raw.size() > kShownBytesMax) raw += "...";
  return "'" + raw + "'";
}

std::string upper(std::string_view word) {
  std::string out(word);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

}  // namespace

bool Cursor::at_word(std::string_view word, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return !failed() && token.kind == Token::Kind::kName && token.text == word;
}

bool Cursor::at_symbol(std::string_view symbol, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return !failed() && token.kind == Token::Kind::kSymbol && token.text == symbol;
}

bool Cursor::at_name() const {
  const Token& token = peek();
  if (failed()) return false;
  return token.kind == Token::Kind::kQuotedName ||
         (token.kind == Token::Kind::kName && !is_reserved(token.text));
}

bool Cursor::expect_word(std::string_view word) {
  if (accept_word(word)) return true;
  expected(upper(word));
  return false;
}

bool Cursor::expect_symbol(std::string_view symbol) {
  if (accept_symbol(symbol)) return true;
  expected("'" + std::string(symbol) + "'");
  return false;
}

void Cursor::expected(std::string_view what, std::string hint) {
  fail({ErrorCode::kInvalidArgument, "expected " + std::string(what) + ", found " + found(peek()),
        std::move(hint), peek().position});
}

void Cursor::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

}  // namespace kpi::query
