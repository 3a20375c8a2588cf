#include "query/plan/group_keys.h"

#include <algorithm>

namespace kpi::query {
namespace {

Error invalid(std::size_t position, std::string message, std::string hint = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), position};
}

}  // namespace

Status add_group_key(const Expr& expr, Scope& scope) {
  if (is_bucket_call(expr)) {
    const auto bucketing = parse_bucket_call(expr);
    if (!bucketing.ok()) return bucketing.error();
    if (scope.bucketing && *scope.bucketing != bucketing.value()) {
      return invalid(expr.position, "expected one time bucket in GROUP BY, found a second");
    }
    scope.bucketing = bucketing.value();
    return ok_status();
  }
  if (const auto dimension = resolve_dimension(expr, *scope.names)) {
    if (std::find(scope.keys.begin(), scope.keys.end(), *dimension) == scope.keys.end()) {
      scope.keys.push_back(*dimension);
    }
    return ok_status();
  }
  if (expr.kind == Expr::Kind::kName && expr.text != "time" &&
      !scope.names->knows_measure(canonical_measure(expr.text))) {
    return scope.names->unknown(expr, "a dimension", false);
  }
  return invalid(expr.position, "expected a dimension or time_bucket(), found " + to_text(expr),
                 expr.text == "time" ? "write time_bucket('1 hour', time)" : "");
}

}  // namespace kpi::query
