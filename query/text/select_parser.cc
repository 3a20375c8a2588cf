#include "query/text/select_parser.h"

#include "kpi/limits.h"

namespace kpi::query {

std::variant<Select, Listing> SelectParser::statement() {
  cursor_.take();
  if (cursor_.at_symbol("*") && !cursor_.at_symbol(",", 1)) return listing();
  return select();
}

Select SelectParser::select() {
  Select select;
  do {
    if (select.items.size() == kResultColumnsMax) return too_many_items(), select;
    select.items.push_back(item());
  } while (cursor_.accept_symbol(","));
  if (cursor_.accept_word("from")) {
    select.from_events = true;
    events();
  }
  clauses_.where(select.where);
  clauses_.group_by(select.group_by);
  if (cursor_.at_word("fill")) fill(select);
  if (cursor_.accept_word("having")) select.having = clauses_.exprs().expression();
  if (cursor_.at_word("fill")) fill(select);
  if (cursor_.accept_word("order") && cursor_.expect_word("by")) order_by(select);
  if (cursor_.at_word("fill")) fill(select);
  clauses_.limit_and_offset(select.limit, select.offset);
  return select;
}

Listing SelectParser::listing() {
  Listing listing;
  cursor_.take();
  if (!cursor_.expect_word("from")) return listing;
  events();
  clauses_.where(listing.where);
  for (const char* word : {"group", "having", "fill"}) {
    if (!cursor_.at_word(word)) continue;
    cursor_.expected("ORDER BY, LIMIT, ';' or the end",
                     "SELECT * has one row an event; to count them: SELECT rp, count(*) FROM "
                     "events GROUP BY rp");
  }
  if (cursor_.accept_word("order") && cursor_.expect_word("by")) listing_order(listing);
  clauses_.limit_and_offset(listing.limit, listing.offset);
  return listing;
}

void SelectParser::listing_order(Listing& listing) {
  if (!cursor_.accept_word("time")) {
    return cursor_.expected("time", "SELECT * is ordered by time or not at all");
  }
  listing.ordered = true;
  listing.descending = cursor_.accept_word("desc");
  if (!listing.descending) cursor_.accept_word("asc");
}

void SelectParser::too_many_items() {
  cursor_.fail({ErrorCode::kLimitExceeded,
                "expected at most " + std::to_string(kResultColumnsMax) + " columns, found more",
                {},
                cursor_.peek().position});
}

SelectItem SelectParser::item() {
  if (cursor_.at_symbol("*")) {
    cursor_.expected("an expression", "SELECT * stands alone: one row an event");
    return {};
  }
  SelectItem item{clauses_.exprs().expression()};
  const bool named = cursor_.accept_word("as");
  if (cursor_.at_name()) {
    item.alias = cursor_.take().text;
  } else if (named) {
    cursor_.expected("a name", "a reserved word needs double quotes");
  }
  return item;
}

void SelectParser::events() {
  const Token table = cursor_.peek();
  if (cursor_.at_name() && (table.text == "events" || table.text == "public.events")) {
    cursor_.take();
  } else {
    cursor_.expected("events", "there is one table: events");
  }
}

void SelectParser::fill(Select& select) {
  if (select.fill != FillMode::kNone) return cursor_.expected("one FILL");
  select.fill_position = cursor_.take().position;
  if (!cursor_.expect_symbol("(")) return;
  if (cursor_.accept_word("null")) {
    select.fill = FillMode::kNull;
  } else if (cursor_.accept_word("previous")) {
    select.fill = FillMode::kPrevious;
  } else if (cursor_.peek().kind == Token::Kind::kNumber && cursor_.peek().text == "0") {
    cursor_.take();
    select.fill = FillMode::kZero;
  } else {
    return cursor_.expected("NULL, 0 or PREVIOUS");
  }
  cursor_.expect_symbol(")");
}

void SelectParser::order_by(Select& select) {
  do {
    OrderItem item{clauses_.column()};
    if (cursor_.accept_word("desc")) {
      item.descending = true;
    } else {
      cursor_.accept_word("asc");
    }
    if (cursor_.accept_word("nulls")) {
      item.nulls_first = cursor_.accept_word("first");
      if (!*item.nulls_first && !cursor_.accept_word("last")) cursor_.expected("FIRST or LAST");
    }
    select.order_by.push_back(std::move(item));
  } while (cursor_.accept_symbol(","));
}

}  // namespace kpi::query
