#include "query/plan/measure_condition.h"

#include <algorithm>
#include <cmath>

namespace kpi::query {
namespace {

constexpr double kBound = 1e15;  // Far above any measure, and exact.

Comparison of_integer(std::string_view op) {
  if (op == "<") return Comparison::kLess;
  if (op == "<=") return Comparison::kLessEqual;
  if (op == "=") return Comparison::kEqual;
  if (op == "<>") return Comparison::kNotEqual;
  return op == ">" ? Comparison::kGreater : Comparison::kGreaterEqual;
}

}  // namespace

Predicate compare_measure(const std::string& measure, std::string_view op, const Scalar& number) {
  Predicate out;
  out.kind = Predicate::Kind::kMeasureCompare;
  out.measure = measure;
  const double below = std::floor(number.as_double());
  if (number.kind == Kind::kInt) {
    out.comparison = of_integer(op);
    out.operand = number.integer;
  } else if (below == number.as_double()) {
    out.comparison = of_integer(op);
    out.operand = static_cast<std::int64_t>(std::clamp(below, -kBound, kBound));
  } else if (op == "=" || op == "<>") {  // No integer is between two: never, or for every value.
    out.comparison = op == "=" ? Comparison::kLess : Comparison::kGreaterEqual;
  } else {
    out.comparison = op[0] == '<' ? Comparison::kLessEqual : Comparison::kGreater;
    out.operand = static_cast<std::int64_t>(std::clamp(below, -kBound, kBound));
  }
  return out;
}

}  // namespace kpi::query
