// The interval of a quantile, from the ranks that it may have.
#pragma once
#include <optional>

#include "query/compare/estimate.h"
#include "query/compare/ranked_values.h"

namespace kpi::query {

// Nothing where there is none: too few events lie beyond the quantile. At 95 % that is p50 of fewer
// than 6, p95 of fewer than 72 and p99 of fewer than 368 events. Requires 0 < alpha <= 1.
//
// The rank of a quantile is binomial, so order statistics bound it, whatever the distribution. A
// bound lies between two of them: Hutson 1999, "Calculating nonparametric confidence intervals for
// quantiles using fractional order statistics", Journal of Applied Statistics 26. The plain
// intervals would cover up to 98 % at 50 events.
std::optional<Estimate> quantile_estimate(const RankedValues& values, double q, double alpha);

}  // namespace kpi::query
