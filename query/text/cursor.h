// A walk over tokens with one error: the first. After it, everything answers "no".
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kpi/result.h"
#include "query/text/token.h"

namespace kpi::query {

class Cursor {
 public:
  explicit Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& previous() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
  Token take() {
    Token token = peek();
    if (token.kind != Token::Kind::kEnd) ++at_;
    return token;
  }

  // `word` is lower case; a quoted name is never a word.
  bool at_word(std::string_view word, std::size_t ahead = 0) const;
  bool at_symbol(std::string_view symbol, std::size_t ahead = 0) const;
  bool at_name() const;  // A word that may name something, or a quoted name.
  bool accept_word(std::string_view word) { return at_word(word) && skip(); }
  bool accept_symbol(std::string_view symbol) { return at_symbol(symbol) && skip(); }
  // False: not there, and failed() from now on.
  bool expect_word(std::string_view word);
  bool expect_symbol(std::string_view symbol);

  // "expected WHAT, found ..." at the next token.
  void expected(std::string_view what, std::string hint = {});
  void fail(Error error);  // The first one stays.
  bool failed() const { return error_.has_value(); }
  const Error& error() const { return *error_; }

 private:
  bool skip() {
    ++at_;
    return true;
  }

  std::vector<Token> tokens_;  // The last is of kind kEnd.
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace kpi::query
