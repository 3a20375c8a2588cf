// Two sides become a difference with an interval and a p-value.
#pragma once
#include <functional>
#include <optional>

#include "query/compare/estimate.h"

namespace kpi::query {

inline constexpr double kSignificance = 0.05;  // Intervals are of 95 %.
inline constexpr double kPValueMin = 1e-12;    // Smaller ones are given as this.

// The estimate of one side at a given alpha; nothing where no interval of that confidence exists.
using Side = std::function<std::optional<Estimate>(double alpha)>;

struct Range {
  double lower = 0, upper = 0;
};

// MOVER, the method of variance estimates recovery: how far each side may be off adds up in
// quadrature. Of rates with Wilson's intervals it is method 10 of Newcombe 1998, "Interval
// estimation for the difference between independent proportions", Statistics in Medicine 17; in
// general Zou and Donner 2008, "Construction of confidence limits about effect measures: a general
// approach", Statistics in Medicine 27. Where that says nothing (an infinite estimate, or both
// stepwise) the errors of both sides add up plainly, which is never too narrow.
Range mover(const Estimate& baseline, const Estimate& candidate);

struct Difference {
  Range interval;  // Of candidate - baseline, at kSignificance. Holds `shown`.
  // The smallest alpha at which the interval leaves out 0: no more than kSignificance exactly where
  // `interval` does. Not less than the smallest alpha for which both sides have an interval.
  double p_value = 1;
};

// `shown` is the difference of the two values that are printed, which may be off by the rounding of
// a sketch: every interval is stretched to hold it. Nothing where a side has no interval; and no
// difference where it may be anything.
std::optional<Range> interval_at(const Side& baseline, const Side& candidate, double shown,
                                 double alpha);
std::optional<Difference> difference(const Side& baseline, const Side& candidate, double shown);

}  // namespace kpi::query
