#include "query/plan/condition.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>

#include "query/plan/bucketing.h"
#include "query/plan/compiler.h"
#include "query/plan/constants.h"
#include "query/plan/measure_condition.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

using PredicateKind = Predicate::Kind;
constexpr std::int64_t kTimeMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

Error invalid(const Expr& at, std::string message, std::string hint = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), at.position};
}

Predicate of_kind(PredicateKind kind, std::vector<Predicate> children = {}) {
  Predicate out;
  out.kind = kind;
  out.children = std::move(children);
  return out;
}

Predicate negated_if(bool negated, Predicate predicate) {
  if (!negated) return predicate;
  std::vector<Predicate> children;
  children.push_back(std::move(predicate));
  return of_kind(PredicateKind::kNot, std::move(children));
}

Predicate never() { return negated_if(true, Predicate{}); }

// Neither true nor false, as NULL is: no event has a measure without a name.
Predicate unknown() { return of_kind(PredicateKind::kMeasureCompare); }

// What was meant where a name stands in the place of a value.
Expr text_of_name(const Expr& name) {
  Expr text{Expr::Kind::kString, name.position, name.text};
  return text;
}

// What stands on the left of a condition.
struct Subject {
  enum class Kind { kTime, kDimension, kMeasure } kind = Kind::kTime;
  DimensionRef dimension = {};
  std::string measure = {};
};

// Values of these dimensions are a closed list, so a misspelt one is an error, not an empty answer.
const std::vector<std::string>* closed_values(Dimension dimension) {
  static const std::vector<std::string> kOutcomes = {"success", "failure", "unknown"};
  static const std::vector<std::string> kClasses = {"idp", "rp", "user", "other"};
  static const std::vector<std::string> kUiShown = {"yes", "no", "unknown"};
  if (dimension == Dimension::kOutcome) return &kOutcomes;
  if (dimension == Dimension::kErrorClass) return &kClasses;
  return dimension == Dimension::kUiShown ? &kUiShown : nullptr;
}

std::string_view flipped(std::string_view op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  return op == ">=" ? "<=" : op;
}

class Planner {
 public:
  Planner(Names& names, std::int64_t now_ms) : names_(names), now_ms_(now_ms) {}

  Result<Condition> top(const Expr& expr) {
    Condition out;
    if (const Status added = conjunct(expr, out); !added.ok()) return added.error();
    if (out.where.children.size() == 1) {
      Predicate only = std::move(out.where.children[0]);
      out.where = std::move(only);
    } else if (out.where.children.empty()) {
      out.where = {};
    }
    return out;
  }

 private:
  Status conjunct(const Expr& expr, Condition& out) {
    out.where.kind = PredicateKind::kAnd;
    if (expr.kind == Expr::Kind::kAnd) {
      for (const ExprPtr& child : expr.children) {
        if (Status added = conjunct(*child, out); !added.ok()) return added;
      }
      return ok_status();
    }
    auto predicate = condition(expr);
    if (!predicate.ok()) return std::move(predicate).error();
    if (predicate.value().kind == PredicateKind::kTime) {
      const TimeRange& range = predicate.value().range;
      out.range.begin_ms = std::max(out.range.begin_ms, range.begin_ms);
      out.range.end_ms = std::min(out.range.end_ms, range.end_ms);
    } else if (predicate.value().kind != PredicateKind::kTrue) {
      out.where.children.push_back(std::move(predicate).value());
    }
    return ok_status();
  }

  Result<Predicate> condition(const Expr& expr) {
    if (is_constant(expr)) return constant_condition(expr);
    switch (expr.kind) {
      case Expr::Kind::kAnd:
        return connective(PredicateKind::kAnd, expr);
      case Expr::Kind::kOr:
        return connective(PredicateKind::kOr, expr);
      case Expr::Kind::kNot:
        return connective(PredicateKind::kNot, expr);
      case Expr::Kind::kCompare:
        return comparison(expr);
      case Expr::Kind::kIn:
        return in(expr);
      case Expr::Kind::kBetween:
        return between(expr);
      case Expr::Kind::kLike:
        return like(expr);
      case Expr::Kind::kIsNull:
        return is_null(expr);
      default:
        return invalid(expr, "expected a condition, found " + to_text(expr));
    }
  }

  Result<Predicate> constant_condition(const Expr& expr) {
    const auto value = fold(expr, now_ms_, texts_);
    if (!value.ok()) return value.error();
    if (value.value().null()) return unknown();
    if (value.value().kind == Kind::kBool) return value.value().truth() ? Predicate{} : never();
    return invalid(expr, "expected a condition, found " + to_text(expr));
  }

  Result<Predicate> connective(PredicateKind kind, const Expr& expr) {
    std::vector<Predicate> children;
    for (const ExprPtr& child : expr.children) {
      auto predicate = condition(*child);
      if (!predicate.ok()) return predicate;
      children.push_back(std::move(predicate).value());
    }
    return of_kind(kind, std::move(children));
  }

  Result<Subject> subject(const Expr& expr) {
    if (expr.kind != Expr::Kind::kName) {
      const bool aggregate = expr.kind == Expr::Kind::kCall;
      return invalid(expr, "expected a column, found " + to_text(expr),
                     is_bucket_call(expr) ? "write time >= '2026-11-22' AND time < '2026-11-23'"
                     : aggregate          ? "conditions on aggregates belong in HAVING"
                                          : "");
    }
    if (expr.text == "time") return Subject{};
    if (const auto dimension = resolve_dimension(expr, names_)) {
      return Subject{Subject::Kind::kDimension, *dimension};
    }
    const std::string measure = canonical_measure(expr.text);
    if (!names_.knows_measure(measure)) return names_.unknown(expr, "a column", true);
    return Subject{Subject::Kind::kMeasure, {}, measure};
  }

  Result<Predicate> comparison(const Expr& expr) {
    const Expr* column = expr.children[0].get();
    const Expr* value = expr.children[1].get();
    std::string_view op = expr.text;
    if (column->kind != Expr::Kind::kName && value->kind == Expr::Kind::kName) {
      std::swap(column, value);
      op = flipped(op);
    }
    auto of = subject(*column);
    if (!of.ok()) return std::move(of).error();
    return compare(expr, of.value(), op, *value);
  }

  Result<Predicate> compare(const Expr& expr, const Subject& of, std::string_view op,
                            const Expr& value) {
    if (of.kind == Subject::Kind::kTime) return compare_time(op, value);
    if (of.kind == Subject::Kind::kMeasure) {
      const auto number = constant(value, Kind::kFloat);
      if (!number.ok()) return number.error();
      if (number.value().null()) return unknown();
      return compare_measure(of.measure, op, number.value());
    }
    if (op != "=" && op != "<>") {
      return invalid(expr, "expected =, <>, IN, LIKE or IS NULL on " +
                               dimension_name(of.dimension) + ", found " + std::string(op));
    }
    Predicate out = of_kind(PredicateKind::kDimensionIn);
    out.dimension = of.dimension;
    const auto added = add_value(out, value);
    if (!added.ok()) return added.error();
    if (!added.value()) return unknown();
    return negated_if(op == "<>", std::move(out));
  }

  Result<Predicate> compare_time(std::string_view op, const Expr& value) {
    const auto constant_time = constant(value, Kind::kTime);
    if (!constant_time.ok()) return constant_time.error();
    if (constant_time.value().null()) return unknown();
    const std::int64_t time = constant_time.value().integer;
    Predicate out = of_kind(PredicateKind::kTime);
    if (op == "<") out.range = {kTimeMin, time};
    if (op == "<=") out.range = {kTimeMin, time + 1};
    if (op == ">") out.range = {time + 1, kTimeMax};
    if (op == ">=") out.range = {time, kTimeMax};
    if (op == "=" || op == "<>") out.range = {time, time + 1};
    return negated_if(op == "<>", std::move(out));
  }

  Result<Scalar> constant(const Expr& value, Kind wanted) {
    auto folded = fold_as(value, wanted, now_ms_, texts_);
    if (!folded.ok() && value.kind == Expr::Kind::kName) {
      return invalid(value, folded.error().message,
                     "a text stands in single quotes: " + to_text(text_of_name(value)));
    }
    if (!folded.ok()) return folded;
    const Kind kind = folded.value().kind;
    if (kind == Kind::kNull) {
      if (is_bound(value)) return folded;
      return invalid(value, "expected " + std::string(kind_name(wanted)) + ", found NULL",
                     "write IS NULL or IS NOT NULL");
    }
    if (kind != wanted && !(wanted == Kind::kFloat && kind == Kind::kInt)) {
      return invalid(value, "expected " + std::string(kind_name(wanted)) + ", found " +
                                std::string(kind_name(kind)) + ": " + to_text(value));
    }
    return folded;
  }

  // False: NULL, which a parameter may be, and nothing is added.
  Result<bool> add_value(Predicate& to, const Expr& value) {
    const auto text = constant(value, Kind::kText);
    if (!text.ok()) return text.error();
    if (text.value().null()) return false;
    const auto* closed = closed_values(to.dimension.dimension);
    std::string wanted(text.value().text);
    if (closed != nullptr && std::find(closed->begin(), closed->end(), wanted) == closed->end()) {
      std::string list;
      for (const std::string& known : *closed) list += (list.empty() ? "'" : ", '") + known + "'";
      return invalid(value, "expected one of " + list + ", found '" + wanted + "'",
                     did_you_mean(wanted, *closed));
    }
    to.values.push_back(std::move(wanted));
    return true;
  }

  Result<Predicate> in(const Expr& expr) {
    auto of = subject(*expr.children[0]);
    if (!of.ok()) return std::move(of).error();
    const bool dimension = of.value().kind == Subject::Kind::kDimension;
    Predicate out = of_kind(dimension ? PredicateKind::kDimensionIn : PredicateKind::kOr);
    out.dimension = of.value().dimension;
    bool some_null = false;
    for (std::size_t i = 1; i < expr.children.size(); ++i) {
      if (dimension) {
        const auto added = add_value(out, *expr.children[i]);
        if (!added.ok()) return added.error();
        some_null |= !added.value();
        continue;
      }
      auto equals = compare(expr, of.value(), "=", *expr.children[i]);
      if (!equals.ok()) return equals;
      out.children.push_back(std::move(equals).value());
    }
    if (some_null) out = of_kind(PredicateKind::kOr, {std::move(out), unknown()});
    return negated_if(expr.negated, std::move(out));
  }

  Result<Predicate> between(const Expr& expr) {
    auto of = subject(*expr.children[0]);
    if (!of.ok()) return std::move(of).error();
    auto low = compare(expr, of.value(), ">=", *expr.children[1]);
    if (!low.ok()) return low;
    auto high = compare(expr, of.value(), "<=", *expr.children[2]);
    if (!high.ok()) return high;
    if (low.value().kind == PredicateKind::kTime && high.value().kind == PredicateKind::kTime) {
      low.value().range.end_ms = high.value().range.end_ms;
      return negated_if(expr.negated, std::move(low).value());
    }
    std::vector<Predicate> both;
    both.push_back(std::move(low).value());
    both.push_back(std::move(high).value());
    return negated_if(expr.negated, of_kind(PredicateKind::kAnd, std::move(both)));
  }

  Result<Predicate> like(const Expr& expr) {
    auto of = subject(*expr.children[0]);
    if (!of.ok()) return std::move(of).error();
    if (of.value().kind != Subject::Kind::kDimension) {
      return invalid(*expr.children[0],
                     "expected a dimension before LIKE, found " + to_text(*expr.children[0]));
    }
    const auto pattern = constant(*expr.children[1], Kind::kText);
    if (!pattern.ok()) return pattern.error();
    if (pattern.value().null()) return unknown();
    Predicate out = of_kind(PredicateKind::kDimensionLike);
    out.dimension = of.value().dimension;
    out.values.emplace_back(pattern.value().text);
    return negated_if(expr.negated, std::move(out));
  }

  Result<Predicate> is_null(const Expr& expr) {
    auto of = subject(*expr.children[0]);
    if (!of.ok()) return std::move(of).error();
    Predicate out =
        of_kind(of.value().kind == Subject::Kind::kMeasure ? PredicateKind::kMeasureIsNull
                                                           : PredicateKind::kDimensionIsNull);
    out.dimension = of.value().dimension;
    out.measure = of.value().measure;
    if (of.value().kind == Subject::Kind::kTime) out = never();  // Every event has a time.
    return negated_if(expr.negated, std::move(out));
  }

  Names& names_;
  std::int64_t now_ms_;
  std::deque<std::string> texts_;
};

}  // namespace

Result<Condition> plan_condition(const Expr* expr, Names& names, std::int64_t now_ms) {
  if (expr == nullptr) return Condition{};
  return Planner(names, now_ms).top(*expr);
}

}  // namespace kpi::query
