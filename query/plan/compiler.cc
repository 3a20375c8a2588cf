#include "query/plan/compiler.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "query/plan/calls.h"
#include "query/plan/operators.h"
#include "query/text/time_text.h"

namespace kpi::query {
namespace {

using Op = Compiled::Op;

Error invalid(const Expr& at, std::string message, std::string hint = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), at.position};
}

std::optional<Scalar> parse_number(std::string_view text) {
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto parsed = std::from_chars(text.data(), end, whole);
      parsed.ec == std::errc{} && parsed.ptr == end) {
    return make_int(whole);
  }
  double value = 0;
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return make_float(value);
}

Result<Compiled> number(const Expr& expr) {
  if (const auto value = parse_number(expr.text)) return literal(*value);
  return invalid(expr, "expected a number that fits float8, found " + expr.text);
}

Result<Compiled> number_in_string(const Expr& expr) {
  const auto value = parse_number(expr.text);
  if (value && std::isfinite(value->as_double())) return literal(*value);
  return invalid(expr, "expected a number, found '" + expr.text + "'");
}

Result<Compiled> time_literal(const Expr& expr) {
  if (const auto ms = parse_time(expr.text)) return literal(make_time(*ms));
  return invalid(expr, "expected a time like '2026-11-22 09:00:00', found '" + expr.text + "'",
                 "times are UTC unless an offset follows, as in 2026-11-22T09:00:00+02:00");
}

Result<Compiled> interval_literal(const Expr& expr) {
  const auto interval = parse_interval(expr.text);
  if (!interval) {
    return invalid(expr, "expected a duration like '1 hour 30 minutes', found '" + expr.text + "'",
                   "units are ms, second, minute, hour, day, week, month, quarter and year");
  }
  return literal({Kind::kInterval, interval->ms, static_cast<double>(interval->months), {}});
}

Result<Compiled> from_alias(const Expr& expr, Scope& scope) {
  const std::vector<SelectItem>* aliases = std::exchange(scope.aliases, nullptr);
  for (const SelectItem& item : *aliases) {
    if (item.alias != expr.text) continue;
    auto compiled = compile(*item.expr, scope);
    scope.aliases = aliases;
    return compiled;
  }
  scope.aliases = aliases;
  return Error{};
}

bool is_alias(const Expr& expr, const Scope& scope) {
  if (scope.aliases == nullptr) return false;
  for (const SelectItem& item : *scope.aliases) {
    if (item.alias == expr.text) return true;
  }
  return false;
}

Result<Compiled> name(const Expr& expr, Scope& scope) {
  if (auto constant = constant_name(expr)) return std::move(*constant);
  if (!scope.over_events) {
    return invalid(expr, "expected a constant, found " + to_text(expr), "columns need FROM events");
  }
  if (is_alias(expr, scope)) return from_alias(expr, scope);
  const std::string grouped = "expected " + to_text(expr) + " in GROUP BY or within an aggregate";
  if (expr.text == "time") {
    return invalid(expr, grouped, "write time_bucket('1 hour', time), and GROUP BY it");
  }
  const auto dimension = resolve_dimension(expr, *scope.names);
  if (!dimension) {
    if (!scope.names->knows_measure(canonical_measure(expr.text))) {
      return scope.names->unknown(expr, "a column", true);
    }
    return invalid(expr, grouped, "write for example p95(" + to_text(expr) + ")");
  }
  for (std::size_t slot = 0; slot < scope.keys.size(); ++slot) {
    if (scope.keys[slot] != *dimension) continue;
    Compiled out{Op::kKey, Kind::kText};
    out.slot = slot;
    return out;
  }
  return invalid(expr, grouped, "add GROUP BY " + to_text(expr));
}

}  // namespace

Compiled literal(const Scalar& value) {
  Compiled out{Op::kLiteral, value.kind};
  out.literal = value;
  out.text = std::string(value.text);
  return out;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "NULL";
    case Kind::kBool:
      return "a condition";
    case Kind::kText:
      return "a text";
    case Kind::kTime:
      return "a time";
    case Kind::kInterval:
      return "a duration";
    default:
      return "a number";
  }
}

Result<Compiled> compile(const Expr& expr, Scope& scope) {
  if (++scope.terms > kCompiledTermsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "expected at most " + std::to_string(kCompiledTermsMax) + " terms, found more",
                 "an alias or a position counts as all that it stands for", expr.position};
  }
  switch (expr.kind) {
    case Expr::Kind::kNull:
      return literal({});
    case Expr::Kind::kBool:
      return literal(make_bool(expr.text == "true"));
    case Expr::Kind::kNumber:
      return number(expr);
    case Expr::Kind::kString:
      return literal(make_text(expr.text));
    case Expr::Kind::kInterval:
      return interval_literal(expr);
    case Expr::Kind::kTimestamp:
      return time_literal(expr);
    case Expr::Kind::kName:
      return name(expr, scope);
    case Expr::Kind::kStar:
      return invalid(expr, "expected an expression, found *");
    case Expr::Kind::kParameter:
      return invalid(expr, "expected a value for " + to_text(expr) + ", found none");
    case Expr::Kind::kCall:
      return compile_call(expr, scope);
    case Expr::Kind::kLike:
      return invalid(expr, "expected LIKE in WHERE only");
    default:
      return compile_operator(expr, scope);
  }
}

Result<Compiled> compile_as(const Expr& expr, Kind kind, Scope& scope) {
  if (expr.kind != Expr::Kind::kString) return compile(expr, scope);
  if (kind == Kind::kTime) return time_literal(expr);
  if (kind == Kind::kInterval) return interval_literal(expr);
  if (kind == Kind::kInt || kind == Kind::kFloat) return number_in_string(expr);
  return compile(expr, scope);
}

Result<Scalar> fold(const Expr& expr, std::int64_t now_ms, std::deque<std::string>& texts) {
  return fold_as(expr, Kind::kNull, now_ms, texts);
}

Result<Scalar> fold_as(const Expr& expr, Kind kind, std::int64_t now_ms,
                       std::deque<std::string>& texts) {
  Scope scope;
  scope.now_ms = now_ms;
  auto compiled = compile_as(expr, kind, scope);
  if (!compiled.ok()) return std::move(compiled).error();
  Scalar value = evaluate(compiled.value(), {nullptr, 0, 0, texts});
  if (value.kind == Kind::kOverflow) return invalid(expr, "expected a value in range");
  if (value.kind == Kind::kText) value.text = texts.emplace_back(value.text);
  return value;
}

}  // namespace kpi::query
