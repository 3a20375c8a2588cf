#include "query/compare/figures.h"

#include <cmath>
#include <memory>

#include "query/compare/quantile.h"
#include "query/compare/ranked_values.h"
#include "query/compare/rate.h"
#include "query/function/aggregate.h"

namespace kpi::query {
namespace {

const Sketch kNoValues;

const Sketch& sketch_of(const Judged& item, const GroupTable& table, std::size_t group) {
  if (item.measure.empty()) return kNoValues;
  const bool attempts = item.kind == Judged::Kind::kQuantileOfAttempts;
  return (attempts ? table.success_sketches : table.sketches)[item.slot][group];
}

const Aggregate& aggregate_of(Judged::Kind kind) {
  switch (kind) {
    case Judged::Kind::kQuantile:
      return aggregates::kQuantile;
    case Judged::Kind::kQuantileOfAttempts:
      return aggregates::kQuantileOfAttempts;
    case Judged::Kind::kClickThroughRate:
      return aggregates::kClickThroughRate;
    case Judged::Kind::kFractionBelow:
      return aggregates::kFractionBelow;
    default:
      return aggregates::kSuccessRate;
  }
}

std::optional<double> value_of(const Judged& item, const Counts& counts, const Sketch& sketch) {
  if (item.kind == Judged::Kind::kSurvival) {
    if (counts.total == 0) return std::nullopt;
    return static_cast<double>(counts.successes) / static_cast<double>(counts.total);
  }
  std::deque<std::string> texts;
  const Scalar value =
      aggregate_of(item.kind).evaluate({counts, sketch, {}, texts}, item.parameter);
  if (value.null()) return std::nullopt;
  return value.as_double();
}

std::uint64_t weight_of(const Judged& item, const Counts& counts, const Sketch& sketch) {
  switch (item.kind) {
    case Judged::Kind::kSurvival:
      return counts.total;
    case Judged::Kind::kSuccessRate:
      return counts.successes + counts.failures;
    case Judged::Kind::kClickThroughRate:
      return counts.successes + counts.failures_ui_shown;
    case Judged::Kind::kQuantileOfAttempts:
      return sketch.weight() + counts.failures;
    default:
      return sketch.weight();
  }
}

Side rate_side(Rate rate) {
  if (rate.n < kRateEventsMin) return {};
  return [rate](double alpha) -> std::optional<Estimate> { return rate_estimate(rate, alpha); };
}

Side ranked_side(const Judged& item, const Counts& counts, const Sketch& sketch, double n) {
  const bool attempts = item.kind == Judged::Kind::kQuantileOfAttempts;
  const auto values =
      std::make_shared<const RankedValues>(sketch, attempts ? counts.failures : 0, n);
  if (item.kind == Judged::Kind::kFractionBelow) {
    const auto share = values->share_below(item.parameter);
    return rate_side({share.low, share.high, n});
  }
  return
      [values, q = item.parameter](double alpha) { return quantile_estimate(*values, q, alpha); };
}

}  // namespace

Figures figures_of(const Judged& item, const GroupTable& table, std::size_t group,
                   const WeightSums* sums) {
  const Counts& counts = table.counts[group];
  const Sketch& sketch = sketch_of(item, table, group);
  Figures out;
  out.value = value_of(item, counts, sketch);
  const double weight = static_cast<double>(weight_of(item, counts, sketch)) / kWeightMin;
  double n = weight;
  out.reports = weight;
  if (sums != nullptr) {  // Where raw events have aged out, the rest stands for all.
    const double of_all = sums->total() > 0 ? weight / sums->total() : 0;
    n = sums->effective() * of_all;
    out.reports = std::round(sums->reports * of_all);
    if (n <= 0 && weight > 0) out.reports = std::nullopt;
  }
  if (!out.value || n <= 0) return out;
  out.estimate = item.measure.empty() ? rate_side({*out.value, *out.value, n})
                                      : ranked_side(item, counts, sketch, n);
  return out;
}

}  // namespace kpi::query
