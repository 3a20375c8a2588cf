// A measure, which is an integer, compared with any number.
#pragma once
#include <string>
#include <string_view>

#include "kpi/store.h"
#include "query/function/scalar.h"

namespace kpi::query {

// `op` is one of = <> < <= > >=; `number` is of kind kInt or kFloat. Exact: `m < 1.5` is `m <= 1`.
Predicate compare_measure(const std::string& measure, std::string_view op, const Scalar& number);

}  // namespace kpi::query
