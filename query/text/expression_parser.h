// Tokens -> expressions, by recursive descent, one function a level of precedence.
#pragma once
#include <vector>

#include "query/text/ast.h"
#include "query/text/cursor.h"

namespace kpi::query {

// Works on a cursor that it does not own. After a failure the cursor has the error and every call
// answers nullptr.
class ExpressionParser {
 public:
  explicit ExpressionParser(Cursor& cursor) : cursor_(cursor) {}

  ExprPtr expression() { return disjunction(); }
  std::vector<ExprPtr> list();  // At least one, separated by commas.
  ExprPtr value() { return cast(); }

 private:
  class Nesting;
  ExprPtr disjunction();
  ExprPtr conjunction();
  ExprPtr negation();
  ExprPtr condition();
  ExprPtr sum();
  ExprPtr product();
  ExprPtr sign();
  ExprPtr cast();
  ExprPtr primary();

  ExprPtr chain(Expr::Kind kind, const char* word, ExprPtr (ExpressionParser::*operand)());
  ExprPtr arithmetic(std::string_view operators, ExprPtr (ExpressionParser::*operand)());
  ExprPtr in(ExprPtr left, bool negated);
  ExprPtr like(ExprPtr left, bool negated);
  ExprPtr between(ExprPtr left, bool negated);
  ExprPtr is_null(ExprPtr left);
  ExprPtr parenthesised();
  ExprPtr cast_call();
  ExprPtr name_or_call();
  ExprPtr call(const Token& name);
  std::string type_name();
  void type_sizes();
  ExprPtr day_of(ExprPtr moment);
  ExprPtr moment_word();
  ExprPtr make(Expr expr);  // Checks the height.

  Cursor& cursor_;
  std::size_t depth_ = 0;
};

}  // namespace kpi::query
