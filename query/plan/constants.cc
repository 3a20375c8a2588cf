#include "query/plan/constants.h"

#include <algorithm>

#include "query/plan/bucketing.h"

namespace kpi::query {
namespace {

bool names_nothing(const Expr& expr) {
  if (expr.kind == Expr::Kind::kName || expr.kind == Expr::Kind::kStar) return false;
  if (expr.kind == Expr::Kind::kCall && expr.text != "now" && !is_bucket_call(expr)) return false;
  return std::all_of(expr.children.begin(), expr.children.end(),
                     [](const ExprPtr& child) { return names_nothing(*child); });
}

}  // namespace

bool is_constant(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::kNull:
    case Expr::Kind::kBool:
    case Expr::Kind::kCompare:
    case Expr::Kind::kIn:
    case Expr::Kind::kBetween:
    case Expr::Kind::kIsNull:
    case Expr::Kind::kCast:
      return names_nothing(expr);
    default:
      return false;
  }
}

bool is_bound(const Expr& expr) {
  return expr.bound_from != 0 || (expr.kind == Expr::Kind::kCast && is_bound(*expr.children[0]));
}

}  // namespace kpi::query
