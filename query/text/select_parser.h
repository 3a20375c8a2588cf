// Tokens -> SELECT, of groups or of events.
#pragma once
#include <variant>

#include "query/text/ast.h"
#include "query/text/clause_parser.h"
#include "query/text/cursor.h"

namespace kpi::query {

// Works on a cursor that it does not own. After a failure the cursor has the error.
class SelectParser {
 public:
  explicit SelectParser(Cursor& cursor) : cursor_(cursor), clauses_(cursor) {}

  // Requires to be at SELECT.
  std::variant<Select, Listing> statement();

 private:
  Select select();
  Listing listing();
  void listing_order(Listing& listing);
  SelectItem item();
  void too_many_items();
  void events();
  void fill(Select& select);
  void order_by(Select& select);

  Cursor& cursor_;
  ClauseParser clauses_;
};

}  // namespace kpi::query
