// The aggregates: one table of name, arguments, result and help, one function each.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/sketch.h"
#include "kpi/store.h"
#include "query/function/scalar.h"

namespace kpi::query {

struct GroupState {
  const Counts& counts;
  const Sketch& sketch;            // Of the measure; empty where the aggregate has none.
  const SenderCounts& senders;     // All 0 unless the plan asks for them.
  std::deque<std::string>& texts;  // Owns what a text result points to.
};

struct Aggregate {
  enum class Arguments : std::uint8_t {
    kNone,
    kMeasure,
    kStarOrMeasure,
    kMeasureAndQuantile,  // A number 0..1.
    kMeasureAndBound,     // A number >= 0.
  };
  std::string_view name;
  Arguments arguments = Arguments::kNone;
  Kind result = Kind::kFloat;
  std::string_view help;
  Scalar (*evaluate)(const GroupState& state, double parameter) = nullptr;
  bool successes_only = false;  // Its sketch is of successes alone.
};

struct AggregateName {
  const Aggregate* aggregate = nullptr;
  std::optional<double> parameter = {};  // That the name implies: 0.95 of p95.
};
// Nothing for an unknown name. count(*) is `count` with the sketch left out: see count_all().
std::optional<AggregateName> find_aggregate(std::string_view name);
const Aggregate& count_all();
std::vector<std::string> aggregate_names();  // For hints.

// Thousandths, as the store counts, to whole ones: half up.
inline std::int64_t rounded(std::uint64_t thousandths) {
  return static_cast<std::int64_t>(thousandths / 1000 + (thousandths % 1000 >= 500 ? 1 : 0));
}
// a / (a + b), NULL over nothing.
inline Scalar share(std::uint64_t a, std::uint64_t b) {
  if (a + b == 0) return {};
  return make_float(static_cast<double>(a) / static_cast<double>(a + b));
}

namespace aggregates {  // Each in its own file.
extern const Aggregate kAvg, kClickThroughRate, kCountAll, kCount, kFailures, kFractionBelow,
    kHistogram, kLargestSenderShare, kMax, kMin, kQuantile, kQuantileOfAttempts, kSuccessRate,
    kSuccesses, kSum;
}  // namespace aggregates

}  // namespace kpi::query
