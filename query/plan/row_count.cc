#include "query/plan/row_count.h"

#include "query/plan/compiler.h"

namespace kpi::query {

Result<std::optional<std::uint64_t>> row_count(const ExprPtr& expr) {
  if (expr == nullptr) return std::optional<std::uint64_t>{};
  std::deque<std::string> texts;
  const auto folded = fold_as(*expr, Kind::kInt, 0, texts);
  if (!folded.ok()) return folded.error();
  const Scalar value = folded.value();
  if (value.null()) return std::optional<std::uint64_t>{};
  if (value.kind != Kind::kInt || value.integer < 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected a number of rows, found " + to_text(*expr),
                 {},
                 expr->position};
  }
  return std::optional(static_cast<std::uint64_t>(value.integer));
}

}  // namespace kpi::query
