#include "query/plan/operators.h"

#include <optional>
#include <utility>

namespace kpi::query {
namespace {

using Op = Compiled::Op;

Error invalid(const Expr& at, std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), {}, at.position};
}

Error wrong_kind(const Expr& at, std::string_view expected, Kind found) {
  return invalid(at, "expected " + std::string(expected) + ", found " +
                         std::string(kind_name(found)) + ": " + to_text(at));
}

bool is_number(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kFloat || kind == Kind::kNull;
}

Compiled node(Op op, Kind kind, std::vector<Compiled> children) {
  Compiled out{op, kind};
  for (const Compiled& child : children) out.has_aggregate |= child.has_aggregate;
  out.children = std::move(children);
  return out;
}

Result<Compiled> negate(const Expr& expr, Scope& scope) {
  auto child = compile(*expr.children[0], scope);
  if (!child.ok()) return child;
  const Kind kind = child.value().kind;
  if (!is_number(kind) && kind != Kind::kInterval) {
    return wrong_kind(*expr.children[0], "a number", kind);
  }
  std::vector<Compiled> children;
  children.push_back(std::move(child).value());
  return node(Op::kNegate, kind, std::move(children));
}

Op arithmetic_op(char c) {
  switch (c) {
    case '+':
      return Op::kAdd;
    case '-':
      return Op::kSubtract;
    case '*':
      return Op::kMultiply;
    case '/':
      return Op::kDivide;
    default:
      return Op::kModulo;
  }
}

// time +- interval, interval + time, interval +- interval. Nothing for other kinds.
std::optional<Compiled> time_arithmetic(Op op, Compiled& left, Compiled& right) {
  if (op != Op::kAdd && op != Op::kSubtract) return std::nullopt;
  if (left.kind == Kind::kInterval && right.kind == Kind::kTime && op == Op::kAdd) {
    std::swap(left, right);
  }
  const bool fits =
      right.kind == Kind::kInterval && (left.kind == Kind::kTime || left.kind == Kind::kInterval);
  if (!fits) return std::nullopt;
  const Kind kind = left.kind;
  std::vector<Compiled> children;
  children.push_back(std::move(left));
  children.push_back(std::move(right));
  return node(op, kind, std::move(children));
}

Result<Compiled> arithmetic(const Expr& expr, Scope& scope) {
  const Expr& first = *expr.children[0];
  const Expr& second = *expr.children[1];
  auto left = compile(first, scope);
  if (!left.ok()) return left;
  auto right = compile(second, scope);
  if (!right.ok()) return right;
  if (right.value().kind == Kind::kInterval && first.kind == Expr::Kind::kString) {
    left = compile_as(first, Kind::kTime, scope);
    if (!left.ok()) return left;
  }
  if (left.value().kind == Kind::kTime && second.kind == Expr::Kind::kString) {
    right = compile_as(second, Kind::kInterval, scope);
    if (!right.ok()) return right;
  }
  const Op op = arithmetic_op(expr.text[0]);
  if (auto timed = time_arithmetic(op, left.value(), right.value())) return std::move(*timed);
  if (!is_number(left.value().kind)) return wrong_kind(first, "a number", left.value().kind);
  if (!is_number(right.value().kind)) return wrong_kind(second, "a number", right.value().kind);
  // A ratio of two counts is meant as a ratio: / never cuts, unlike PostgreSQL's.
  const bool whole =
      op != Op::kDivide && left.value().kind != Kind::kFloat && right.value().kind != Kind::kFloat;
  std::vector<Compiled> children;
  children.push_back(std::move(left).value());
  children.push_back(std::move(right).value());
  return node(op, whole ? Kind::kInt : Kind::kFloat, std::move(children));
}

Op comparison_op(std::string_view text) {
  if (text == "=") return Op::kEqual;
  if (text == "<>") return Op::kNotEqual;
  if (text == "<") return Op::kLess;
  if (text == "<=") return Op::kLessEqual;
  return text == ">" ? Op::kGreater : Op::kGreaterEqual;
}

bool comparable(Kind left, Kind right) {
  return left == right || (is_number(left) && is_number(right)) || left == Kind::kNull ||
         right == Kind::kNull;
}

// Operands that are compared with the first one, each compiled once.
Result<std::vector<Compiled>> operands(const std::vector<ExprPtr>& exprs, Scope& scope) {
  std::vector<Compiled> out;
  for (const ExprPtr& expr : exprs) {
    auto operand = compile_as(*expr, out.empty() ? Kind::kNull : out[0].kind, scope);
    if (!operand.ok()) return std::move(operand).error();
    const bool late_time = !out.empty() && operand.value().kind == Kind::kTime &&
                           exprs[0]->kind == Expr::Kind::kString;
    if (late_time) {
      auto first = compile_as(*exprs[0], Kind::kTime, scope);
      if (!first.ok()) return std::move(first).error();
      out[0] = std::move(first).value();
    }
    const Kind kind = operand.value().kind;
    if (kind == Kind::kInterval) return wrong_kind(*expr, "a number, time or text", kind);
    if (!out.empty() && !comparable(out[0].kind, kind)) {
      return wrong_kind(*expr, kind_name(out[0].kind), kind);
    }
    out.push_back(std::move(operand).value());
  }
  return out;
}

Result<Compiled> connective(Op op, const std::vector<ExprPtr>& exprs, Scope& scope) {
  std::vector<Compiled> children;
  for (const ExprPtr& expr : exprs) {
    auto child = compile(*expr, scope);
    if (!child.ok()) return child;
    const Kind kind = child.value().kind;
    if (kind != Kind::kBool && kind != Kind::kNull) return wrong_kind(*expr, "a condition", kind);
    children.push_back(std::move(child).value());
  }
  return node(op, Kind::kBool, std::move(children));
}

Compiled negated_if(bool negated, Compiled condition) {
  if (!negated) return condition;
  std::vector<Compiled> children;
  children.push_back(std::move(condition));
  return node(Op::kNot, Kind::kBool, std::move(children));
}

Result<Compiled> comparison(const Expr& expr, Op op, Scope& scope) {
  auto compiled = operands(expr.children, scope);
  if (!compiled.ok()) return std::move(compiled).error();
  return negated_if(expr.negated, node(op, Kind::kBool, std::move(compiled).value()));
}

Result<Compiled> is_null(const Expr& expr, Scope& scope) {
  auto child = compile(*expr.children[0], scope);
  if (!child.ok()) return child;
  std::vector<Compiled> children;
  children.push_back(std::move(child).value());
  return negated_if(expr.negated, node(Op::kIsNull, Kind::kBool, std::move(children)));
}

Result<Compiled> cast(const Expr& expr, Scope& scope) {
  const Kind target = expr.text == "int8"          ? Kind::kInt
                      : expr.text == "float8"      ? Kind::kFloat
                      : expr.text == "timestamptz" ? Kind::kTime
                      : expr.text == "interval"    ? Kind::kInterval
                      : expr.text == "bool"        ? Kind::kBool
                                                   : Kind::kText;
  auto child = compile_as(*expr.children[0], target, scope);
  if (!child.ok()) return child;
  const Kind kind = child.value().kind;
  if (kind == target || kind == Kind::kNull) {
    child.value().kind = target;
    return child;
  }
  const bool to_number = target == Kind::kInt || target == Kind::kFloat;
  if ((to_number && !is_number(kind)) || target == Kind::kTime || target == Kind::kBool ||
      target == Kind::kInterval || kind == Kind::kInterval) {
    return wrong_kind(*expr.children[0], "a value that casts to " + expr.text, kind);
  }
  const Op op = target == Kind::kInt     ? Op::kToInt
                : target == Kind::kFloat ? Op::kToFloat
                                         : Op::kToText;
  std::vector<Compiled> children;
  children.push_back(std::move(child).value());
  return node(op, target, std::move(children));
}

}  // namespace

Result<Compiled> compile_operator(const Expr& expr, Scope& scope) {
  switch (expr.kind) {
    case Expr::Kind::kNegate:
      return negate(expr, scope);
    case Expr::Kind::kNot:
      return connective(Op::kNot, expr.children, scope);
    case Expr::Kind::kAnd:
      return connective(Op::kAnd, expr.children, scope);
    case Expr::Kind::kOr:
      return connective(Op::kOr, expr.children, scope);
    case Expr::Kind::kArithmetic:
      return arithmetic(expr, scope);
    case Expr::Kind::kIn:
      return comparison(expr, Op::kIn, scope);
    case Expr::Kind::kBetween:
      return comparison(expr, Op::kBetween, scope);
    case Expr::Kind::kIsNull:
      return is_null(expr, scope);
    case Expr::Kind::kCast:
      return cast(expr, scope);
    default:
      return comparison(expr, comparison_op(expr.text), scope);
  }
}

}  // namespace kpi::query
