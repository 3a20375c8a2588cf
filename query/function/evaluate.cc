#include <cmath>

#include "kpi/assert.h"
#include "kpi/query.h"
#include "query/function/compiled.h"
#include "query/text/time_text.h"

namespace kpi::query {
namespace {

using Op = Compiled::Op;

const Sketch kNoSketch;
constexpr SenderCounts kNoSenders;
constexpr Scalar kOverflow = {Kind::kOverflow, 0, 0, {}};

Scalar evaluate_aggregate(const Compiled& expr, const RowContext& row) {
  KPI_ASSERT(row.table != nullptr);
  const auto& sketches =
      expr.aggregate->successes_only ? row.table->success_sketches : row.table->sketches;
  const Sketch& sketch = expr.has_measure ? sketches[expr.slot][row.group] : kNoSketch;
  if (!row.table->hidden.empty() && row.table->hidden[row.group]) return {};
  if (!sketch.empty() && sketch.count() < row.table->values_min) return {};
  const SenderCounts& senders =
      row.table->senders.empty() ? kNoSenders : row.table->senders[row.group];
  return expr.aggregate->evaluate({row.table->counts[row.group], sketch, senders, row.texts},
                                  expr.parameter);
}

Scalar key(const Compiled& expr, const RowContext& row) {
  const std::string_view text = row.table->keys[expr.slot][row.group];
  return text.data() == nullptr ? Scalar{} : make_text(text);
}

Scalar int_arithmetic(Op op, std::int64_t left, std::int64_t right) {
  std::int64_t out = 0;
  bool overflow = false;
  if (op == Op::kAdd) overflow = __builtin_add_overflow(left, right, &out);
  if (op == Op::kSubtract) overflow = __builtin_sub_overflow(left, right, &out);
  if (op == Op::kMultiply) overflow = __builtin_mul_overflow(left, right, &out);
  if (op == Op::kModulo) {
    if (right == 0) return {};
    out = right == -1 ? 0 : left % right;
  }
  return overflow ? kOverflow : make_int(out);
}

Scalar float_arithmetic(Op op, double left, double right) {
  switch (op) {
    case Op::kAdd:
      return make_float(left + right);
    case Op::kSubtract:
      return make_float(left - right);
    case Op::kMultiply:
      return make_float(left * right);
    case Op::kDivide:
      return right == 0 ? Scalar{} : make_float(left / right);
    default:
      return right == 0 ? Scalar{} : make_float(std::fmod(left, right));
  }
}

Scalar time_arithmetic(Op op, const Scalar& left, const Scalar& right) {
  const std::int64_t sign = op == Op::kSubtract ? -1 : 1;
  const Interval interval{sign * static_cast<std::int64_t>(right.number), sign * right.integer};
  if (left.kind == Kind::kInterval) {
    return {Kind::kInterval,
            left.integer + interval.ms,
            left.number + static_cast<double>(interval.months),
            {}};
  }
  const auto sum = add(left.integer, interval);
  return sum ? make_time(*sum) : kOverflow;
}

Scalar arithmetic(const Compiled& expr, const RowContext& row) {
  const Scalar left = evaluate(expr.children[0], row);
  const Scalar right = evaluate(expr.children[1], row);
  if (left.null() || right.null()) return {};
  if (left.kind == Kind::kOverflow || right.kind == Kind::kOverflow) return kOverflow;
  if (expr.kind == Kind::kTime || expr.kind == Kind::kInterval) {
    return time_arithmetic(expr.op, left, right);
  }
  if (expr.kind == Kind::kInt) return int_arithmetic(expr.op, left.integer, right.integer);
  return float_arithmetic(expr.op, left.as_double(), right.as_double());
}

Scalar compared(Op op, const Scalar& left, const Scalar& right) {
  if (left.null() || right.null()) return {};
  if (left.kind == Kind::kOverflow || right.kind == Kind::kOverflow) return kOverflow;
  const int order = compare(left, right);
  switch (op) {
    case Op::kEqual:
      return make_bool(order == 0);
    case Op::kNotEqual:
      return make_bool(order != 0);
    case Op::kLess:
      return make_bool(order < 0);
    case Op::kLessEqual:
      return make_bool(order <= 0);
    case Op::kGreater:
      return make_bool(order > 0);
    default:
      return make_bool(order >= 0);
  }
}

Scalar comparison(const Compiled& expr, const RowContext& row) {
  return compared(expr.op, evaluate(expr.children[0], row), evaluate(expr.children[1], row));
}

// IN is an OR of equals, BETWEEN an AND of two comparisons: as soon as one part decides, it does,
// whatever the others; else NULL wins.
Scalar several(const Compiled& expr, const RowContext& row) {
  const bool decisive = expr.op == Op::kIn;
  const Scalar first = evaluate(expr.children[0], row);
  Scalar out = make_bool(!decisive);
  for (std::size_t i = 1; i < expr.children.size(); ++i) {
    const Op op = decisive ? Op::kEqual : (i == 1 ? Op::kGreaterEqual : Op::kLessEqual);
    const Scalar part = compared(op, first, evaluate(expr.children[i], row));
    if (part.kind == Kind::kOverflow) return part;
    if (part.null()) {
      out = {};
    } else if (part.truth() == decisive) {
      return part;
    }
  }
  return out;
}

// AND is false, OR true, as soon as one child is, whatever the others; else NULL wins.
Scalar connective(const Compiled& expr, const RowContext& row) {
  const bool decisive = expr.op == Op::kOr;
  Scalar out = make_bool(!decisive);
  for (const Compiled& child : expr.children) {
    const Scalar value = evaluate(child, row);
    if (value.kind == Kind::kOverflow) return value;
    if (value.null()) {
      out = {};
    } else if (value.truth() == decisive) {
      return value;
    }
  }
  return out;
}

Scalar negated(const Scalar& value) {
  switch (value.kind) {
    case Kind::kInt:
      return int_arithmetic(Op::kSubtract, 0, value.integer);
    case Kind::kFloat:
      return make_float(-value.number);
    case Kind::kInterval:
      return {Kind::kInterval, -value.integer, -value.number, {}};
    default:
      return value;
  }
}

Scalar to_int(const Scalar& value) {
  constexpr double kBound = 9223372036854775808.0;
  if (value.kind != Kind::kFloat) return make_int(value.integer);
  const double whole = std::nearbyint(value.number);
  if (!(whole >= -kBound && whole < kBound)) return kOverflow;
  return make_int(static_cast<std::int64_t>(whole));
}

Scalar as_text(const Scalar& value, const RowContext& row) {
  switch (value.kind) {
    case Kind::kBool:
      return make_text(value.truth() ? "true" : "false");
    case Kind::kInt:
      return make_text(row.texts.emplace_back(to_text(Value{value.integer}, Type::kInt8)));
    case Kind::kFloat:
      return make_text(row.texts.emplace_back(to_text(Value{value.number}, Type::kFloat8)));
    case Kind::kTime:
      return make_text(row.texts.emplace_back(to_text(Value{value.integer}, Type::kTimestamp)));
    default:
      return value;
  }
}

Scalar unary(const Compiled& expr, const RowContext& row) {
  const Scalar value = evaluate(expr.children[0], row);
  if (expr.op == Op::kIsNull) return make_bool(value.null());
  if (value.null() || value.kind == Kind::kOverflow) return value;
  switch (expr.op) {
    case Op::kNegate:
      return negated(value);
    case Op::kNot:
      return make_bool(!value.truth());
    case Op::kToInt:
      return to_int(value);
    case Op::kToFloat:
      return make_float(value.as_double());
    default:
      return as_text(value, row);
  }
}

}  // namespace

Scalar evaluate(const Compiled& expr, const RowContext& row) {
  switch (expr.op) {
    case Op::kLiteral:
      return expr.literal.kind == Kind::kText ? make_text(expr.text) : expr.literal;
    case Op::kBucket:
      return make_time(row.bucket_ms);
    case Op::kKey:
      return key(expr, row);
    case Op::kAggregate:
      return evaluate_aggregate(expr, row);
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kDivide:
    case Op::kModulo:
      return arithmetic(expr, row);
    case Op::kIn:
    case Op::kBetween:
      return several(expr, row);
    case Op::kAnd:
    case Op::kOr:
      return connective(expr, row);
    case Op::kNegate:
    case Op::kNot:
    case Op::kIsNull:
    case Op::kToInt:
    case Op::kToFloat:
    case Op::kToText:
      return unary(expr, row);
    default:
      return comparison(expr, row);
  }
}

int compare(const Scalar& left, const Scalar& right) {
  if (left.kind == Kind::kText) return left.text.compare(right.text);
  if (left.kind == Kind::kFloat || right.kind == Kind::kFloat) {
    const double a = left.as_double();
    const double b = right.as_double();
    return a < b ? -1 : (a > b ? 1 : 0);
  }
  return left.integer < right.integer ? -1 : (left.integer > right.integer ? 1 : 0);
}

}  // namespace kpi::query
