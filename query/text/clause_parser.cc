#include "query/text/clause_parser.h"

#include <charconv>

namespace kpi::query {

void ClauseParser::where(ExprPtr& where) {
  if (cursor_.accept_word("where")) where = exprs_.expression();
}

ExprPtr ClauseParser::column() {
  ExprPtr expr = exprs_.expression();
  if (cursor_.failed() || expr->kind != Expr::Kind::kParameter) return expr;
  cursor_.fail({ErrorCode::kInvalidArgument, "expected a column, found $" + expr->text,
                "a parameter stands for a value, not for a name or a position", expr->position});
  return nullptr;
}

void ClauseParser::group_by(std::vector<ExprPtr>& group_by) {
  if (!cursor_.accept_word("group") || !cursor_.expect_word("by")) return;
  do {
    group_by.push_back(column());
  } while (cursor_.accept_symbol(","));
}

void ClauseParser::limit_and_offset(ExprPtr& limit, ExprPtr& offset) {
  while (cursor_.at_word("limit") || cursor_.at_word("offset")) {
    ExprPtr& target = cursor_.at_word("limit") ? limit : offset;
    if (target) return cursor_.expected("';' or the end");
    cursor_.take();
    target = rows();
  }
}

ExprPtr ClauseParser::rows() {
  const Token& token = cursor_.peek();
  const bool number = token.kind == Token::Kind::kNumber;
  std::uint64_t value = 0;
  const char* end = token.text.data() + token.text.size();
  const auto parsed = std::from_chars(token.text.data(), end, value);
  const bool whole = number && parsed.ec == std::errc{} && parsed.ptr == end;
  if (!whole && token.kind != Token::Kind::kParameter && token.kind != Token::Kind::kString &&
      !cursor_.at_word("null")) {
    cursor_.expected("a number of rows");
    return nullptr;
  }
  return exprs_.value();
}

QuotedName ClauseParser::quoted_name(const char* what, const char* hint) {
  if (cursor_.peek().kind != Token::Kind::kString) {
    cursor_.expected(what, hint);
    return {};
  }
  const Token token = cursor_.take();
  return {token.text, token.position};
}

}  // namespace kpi::query
