// The number of LIMIT and OFFSET.
#pragma once
#include <cstdint>
#include <optional>

#include "kpi/result.h"
#include "query/text/ast.h"

namespace kpi::query {

// `expr` may be null; nothing for that, and for NULL.
Result<std::optional<std::uint64_t>> row_count(const ExprPtr& expr);

}  // namespace kpi::query
