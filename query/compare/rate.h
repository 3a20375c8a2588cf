// The interval of a rate: Wilson's, and Clopper and Pearson's where events are rare.
#pragma once
#include "query/compare/estimate.h"

namespace kpi::query {

// Fewer reports than that on a side: too few for a rate.
inline constexpr double kRateEventsMin = 10;
// With fewer hits or misses than that, Wilson's interval covers too seldom (down to 86 %), so that
// the exact one takes its place.
inline constexpr double kWilsonEventsMin = 10;
// With fewer hits or misses than that on both sides of a comparison, the errors of the two sides
// are too lopsided to add up in quadrature.
inline constexpr double kStepEventsMin = 2;

// A share of `n` events. `low` and `high` differ where the sketch does not say on which side of the
// bound the events of one bin lie.
struct Rate {
  double low = 0, high = 0;
  double n = 0;  // Effective: of equal weight. At least kRateEventsMin.
};

// Requires 0 < alpha <= 1 and 0 <= low <= high <= 1.
Estimate rate_estimate(const Rate& rate, double alpha);

}  // namespace kpi::query
