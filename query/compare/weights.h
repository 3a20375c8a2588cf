// How many equally weighted events a weighted side is worth.
#pragma once
#include <cstdint>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/compare/compare_plan.h"
#include "query/function/group_table.h"

namespace kpi::query {

// Whether any report of the side counts more than once.
bool weighted(const GroupTable& table);

// Reports of one aggregate in one group, and the sums of their weights and of their squares:
// `hits` are successes, or values up to the quantile, and `misses` are the others.
struct WeightSums {
  double reports = 0;
  double hits = 0, hits_squared = 0;
  double misses = 0, misses_squared = 0;

  double total() const { return hits + misses; }
  // The number of events of equal weight over which a share of hits would be as sure as it is
  // here. From the squares of weights on either side, since reports may be sampled by outcome
  // (Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
  // positive counts estimated from survey data", Survey Methodology 24); where one side is empty,
  // Kish's: (sum of w)^2 / sum of w^2.
  double effective() const;
};

// One pass over the events of a side. Sums as [group of `table`][item]; `points` as
// [group][item] has the estimated quantiles. Errors as View::scan has them. `complete` is false
// where raw events, which alone know weights, have aged out in part of the range.
struct ScannedWeights {
  std::vector<std::vector<WeightSums>> sums;
  bool complete = true;
  std::vector<ReadStep> steps;
};
Result<ScannedWeights> scan_weights(const Plan& side, const std::vector<Judged>& items,
                                    const GroupTable& table,
                                    const std::vector<std::vector<double>>& points,
                                    const View& view, const Options& options);

}  // namespace kpi::query
