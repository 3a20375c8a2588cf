#include "query/function/aggregate.h"

#include <cmath>
#include <limits>

namespace kpi::query::aggregates {
namespace {

constexpr std::uint64_t kBillionths = 1'000'000'000;  // The precision of q, as a sketch has it.

Scalar quantile_of_attempts(const GroupState& state, double q) {
  const std::uint64_t values = state.sketch.weight();
  const std::uint64_t attempts = values + state.counts.failures;
  if (attempts == 0) return {};
  const auto share = static_cast<Uint128>(std::llround(q * static_cast<double>(kBillionths)));
  const Uint128 rank = (share * attempts + kBillionths - 1) / kBillionths;
  if (rank > values || values == 0) return make_float(std::numeric_limits<double>::infinity());
  // Rounded down, so that the sketch's own rounding up of the rank lands on the same one.
  const auto of_values = static_cast<double>(rank * kBillionths / values);
  const auto value = state.sketch.quantile(of_values / static_cast<double>(kBillionths));
  return value ? make_float(*value) : Scalar{};
}

}  // namespace

const Aggregate kQuantileOfAttempts = {
    "quantile_of_attempts", Aggregate::Arguments::kMeasureAndQuantile,
    Kind::kFloat,           "quantile over successes and failures, a failure being infinitely slow",
    quantile_of_attempts,   true};

}  // namespace kpi::query::aggregates
