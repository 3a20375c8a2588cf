#include "query/text/study_parser.h"

#include <algorithm>

#include "kpi/limits.h"

namespace kpi::query {
namespace {

Error too_many(std::size_t most, const std::string& what, std::size_t position) {
  return {ErrorCode::kLimitExceeded,
          "expected at most " + std::to_string(most) + " " + what + ", found more",
          {},
          position};
}

}  // namespace

Compare StudyParser::compare() {
  cursor_.take();
  Compare compare;
  items(compare);
  if (cursor_.at_word("baseline")) {
    sides(compare);
  } else if (cursor_.at_word("around")) {
    around(compare);
  } else {
    cursor_.expected("BASELINE or AROUND",
                     "write BASELINE variant = 'A' CANDIDATE variant = 'B', or AROUND MILESTONE "
                     "'name'");
  }
  clauses_.where(compare.where);
  clauses_.group_by(compare.group_by);
  return compare;
}

// What follows is no reserved word, so that it may still name a label: only AS makes it an alias.
void StudyParser::items(Compare& compare) {
  do {
    if (compare.items.size() == kResultColumnsMax) {
      return cursor_.fail(too_many(kResultColumnsMax, "aggregates", cursor_.peek().position));
    }
    SelectItem item{clauses_.exprs().expression()};
    const bool named = cursor_.accept_word("as");
    const bool clause = cursor_.at_word("baseline") || cursor_.at_word("around");
    if (cursor_.at_name() && (named || !clause)) {
      item.alias = cursor_.take().text;
    } else if (named) {
      cursor_.expected("a name", "a reserved word needs double quotes");
    }
    compare.items.push_back(std::move(item));
  } while (cursor_.accept_symbol(","));
}

void StudyParser::sides(Compare& compare) {
  cursor_.take();
  compare.baseline = clauses_.exprs().expression();
  if (cursor_.expect_word("candidate")) compare.candidate = clauses_.exprs().expression();
}

void StudyParser::around(Compare& compare) {
  cursor_.take();
  if (!cursor_.expect_word("milestone")) return;
  const QuotedName name =
      clauses_.quoted_name("the milestone's name as a string", "write AROUND MILESTONE 'v42'");
  if (!cursor_.failed() && name.text.empty()) {
    cursor_.fail({ErrorCode::kInvalidArgument,
                  "expected the name of a milestone, found ''",
                  {},
                  name.position});
  }
  compare.milestone = name.text;
  compare.milestone_position = name.position;
  if (cursor_.accept_word("window")) window(compare);
}

void StudyParser::window(Compare& compare) {
  const ExprPtr expr = clauses_.exprs().value();
  if (cursor_.failed()) return;
  if (expr->kind != Expr::Kind::kString && expr->kind != Expr::Kind::kInterval &&
      expr->kind != Expr::Kind::kParameter) {
    cursor_.fail({ErrorCode::kInvalidArgument, "expected a duration, found " + to_text(*expr),
                  "write WINDOW '7 days'", expr->position});
    return;
  }
  compare.window = expr;
}

Funnel StudyParser::funnel() {
  cursor_.take();
  Funnel funnel;
  names(funnel.steps, kFunnelStepsMax, "steps");
  if (cursor_.accept_word("exclude")) {
    names(funnel.exclusions, kFunnelExclusionsMax, "exclusions");
  }
  clauses_.where(funnel.where);
  clauses_.group_by(funnel.group_by);
  return funnel;
}

void StudyParser::names(std::vector<QuotedName>& names, std::size_t most, const char* what) {
  do {
    if (names.size() == most) return cursor_.fail(too_many(most, what, cursor_.peek().position));
    names.push_back(clauses_.quoted_name(
        "a step as a string", "write FUNNEL 'screen.set_password', 'assertion_generated'"));
  } while (cursor_.accept_symbol(","));
}

}  // namespace kpi::query
