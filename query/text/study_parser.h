// Tokens -> the statements that study a change: COMPARE and FUNNEL.
#pragma once
#include <vector>

#include "query/text/ast.h"
#include "query/text/clause_parser.h"
#include "query/text/cursor.h"

namespace kpi::query {

// Works on a cursor that it does not own. After a failure the cursor has the error.
class StudyParser {
 public:
  explicit StudyParser(Cursor& cursor) : cursor_(cursor), clauses_(cursor) {}

  Compare compare();  // Requires to be at COMPARE.
  Funnel funnel();    // Requires to be at FUNNEL.

 private:
  void items(Compare& compare);
  void sides(Compare& compare);
  void around(Compare& compare);
  void window(Compare& compare);
  void names(std::vector<QuotedName>& names, std::size_t most, const char* what);

  Cursor& cursor_;
  ClauseParser clauses_;
};

}  // namespace kpi::query
