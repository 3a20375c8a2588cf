// What one side of a comparison knows of an aggregate: an estimate and how far it may be off.
#pragma once

namespace kpi::query {

// Two-sided, of confidence 1 - alpha: each bound is passed by the truth with probability alpha / 2.
// lower <= value <= upper; of a quantile of attempts any of them may be infinite.
struct Estimate {
  double value = 0;
  double lower = 0;
  double upper = 0;
  // Errors come in a few large steps (a rate with next to no misses, a quantile of values that
  // timers round), so that those of two sides do not add up as errors of many small causes do.
  bool stepwise = false;
};

}  // namespace kpi::query
