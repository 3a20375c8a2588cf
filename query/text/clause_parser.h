// Tokens -> the clauses that several statements share.
#pragma once
#include <vector>

#include "query/text/ast.h"
#include "query/text/cursor.h"
#include "query/text/expression_parser.h"

namespace kpi::query {

// Works on a cursor that it does not own. Each accepts its clause, or leaves the target as it is.
class ClauseParser {
 public:
  explicit ClauseParser(Cursor& cursor) : cursor_(cursor), exprs_(cursor) {}

  ExpressionParser& exprs() { return exprs_; }
  void where(ExprPtr& where);
  void group_by(std::vector<ExprPtr>& group_by);
  // Any number of LIMIT and OFFSET, each at most once.
  void limit_and_offset(ExprPtr& limit, ExprPtr& offset);
  // Refuses a parameter where a column is expected: it is a value, never a name or a position.
  ExprPtr column();
  QuotedName quoted_name(const char* what, const char* hint);

 private:
  ExprPtr rows();

  Cursor& cursor_;
  ExpressionParser exprs_;
};

}  // namespace kpi::query
