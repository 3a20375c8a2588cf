#include "query/compare/compare_plan.h"

#include <algorithm>

#include "query/compare/loud_senders.h"
#include "query/function/aggregate.h"
#include "query/plan/compiler.h"

namespace kpi::query {
namespace {

constexpr const char* kJudges =
    "COMPARE judges quantile(m, q), p50(m), median(m), quantile_of_attempts(m, q), "
    "fraction_below(m, ms), success_rate() and click_through_rate()";

Error invalid(const Expr& at, std::string message, std::string hint) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), at.position};
}

std::optional<Judged::Kind> kind_of(const Compiled& compiled) {
  if (compiled.op != Compiled::Op::kAggregate) return std::nullopt;
  const Aggregate* aggregate = compiled.aggregate;
  if (aggregate == &aggregates::kQuantile) return Judged::Kind::kQuantile;
  if (aggregate == &aggregates::kQuantileOfAttempts) return Judged::Kind::kQuantileOfAttempts;
  if (aggregate == &aggregates::kSuccessRate) return Judged::Kind::kSuccessRate;
  if (aggregate == &aggregates::kClickThroughRate) return Judged::Kind::kClickThroughRate;
  if (aggregate == &aggregates::kFractionBelow) return Judged::Kind::kFractionBelow;
  return std::nullopt;
}

Result<Judged> judged(const SelectItem& item, Scope& scope) {
  const Expr& expr = *item.expr;
  const auto compiled = compile(expr, scope);
  if (!compiled.ok()) return compiled.error();
  const auto kind = kind_of(compiled.value());
  if (!kind) {
    return invalid(expr, "expected an aggregate with a known interval, found " + to_text(expr),
                   kJudges);
  }
  Judged out{*kind, item.alias.empty() ? to_text(expr) : item.alias, {}};
  out.parameter = compiled.value().parameter;
  out.slot = compiled.value().slot;
  if (out.quantile() && (out.parameter <= 0 || out.parameter >= 1)) {
    return invalid(expr, "expected a quantile between 0 and 1, found " + to_text(expr),
                   "the extremes have no interval");
  }
  if (compiled.value().has_measure) {
    const bool attempts = *kind == Judged::Kind::kQuantileOfAttempts;
    out.measure = (attempts ? scope.success_measures : scope.measures)[out.slot];
  }
  return out;
}

Result<std::vector<DimensionRef>> keys_of(const Compare& compare, Names& names) {
  std::vector<DimensionRef> keys;
  for (const ExprPtr& expr : compare.group_by) {
    const auto key = resolve_dimension(*expr, names);
    if (!key && expr->kind == Expr::Kind::kName && expr->text != "time" &&
        !names.knows_measure(canonical_measure(expr->text))) {
      return names.unknown(*expr, "a dimension", false);
    }
    if (!key) {
      return invalid(*expr, "expected a dimension, found " + to_text(*expr),
                     "COMPARE groups by dimensions and labels; write conditions on time");
    }
    if (std::find(keys.begin(), keys.end(), *key) == keys.end()) keys.push_back(*key);
  }
  return keys;
}

std::vector<Column> columns_of(const std::vector<DimensionRef>& keys) {
  std::vector<Column> columns;
  for (const DimensionRef& key : keys) columns.push_back({dimension_name(key), Type::kText});
  columns.push_back({"aggregate", Type::kText});
  for (const char* name : {"baseline", "candidate"}) columns.push_back({name, Type::kFloat8});
  for (const char* name : {"n_baseline", "n_candidate"}) columns.push_back({name, Type::kInt8});
  for (const char* name :
       {"difference", "relative_difference", "ci_low", "ci_high", "p_value", "p_adjusted"}) {
    columns.push_back({name, Type::kFloat8});
  }
  columns.push_back({"verdict", Type::kText});
  return columns;
}

Plan side_plan(const Scope& scope, const std::vector<DimensionRef>& keys, Condition condition) {
  Plan plan;
  plan.over_events = true;
  plan.grouped = !keys.empty();
  plan.request.range = condition.range;
  plan.request.where = std::move(condition.where);
  plan.request.group_by = keys;
  plan.request.measures = scope.measures;
  plan.success_measures = scope.success_measures;
  return plan;
}

}  // namespace

Result<ComparePlan> plan_compare(const Compare& compare, const View& view, std::int64_t now_ms) {
  Names names(view);
  Scope scope;
  scope.over_events = true;
  scope.now_ms = now_ms;
  scope.names = &names;
  ComparePlan plan;
  for (const SelectItem& item : compare.items) {
    auto one = judged(item, scope);
    if (!one.ok()) return std::move(one).error();
    plan.items.push_back(std::move(one).value());
  }
  auto sides = plan_sides(compare, view, names, now_ms);
  if (!sides.ok()) return std::move(sides).error();
  const auto keys = keys_of(compare, names);
  if (!keys.ok()) return keys.error();
  plan.baseline = side_plan(scope, keys.value(), std::move(sides.value().baseline));
  plan.candidate = side_plan(scope, keys.value(), std::move(sides.value().candidate));
  plan.surely_disjoint = sides.value().surely_disjoint;
  plan.notes = std::move(sides.value().notes);
  plan.columns = columns_of(keys.value());
  ask_for_senders(plan);
  return plan;
}

std::vector<std::string> describe_compare(const ComparePlan& plan) {
  std::vector<std::string> lines;
  for (const Plan* side : {&plan.baseline, &plan.candidate}) {
    lines.emplace_back(side == &plan.baseline ? "Baseline:" : "Candidate:");
    for (const std::string& line : describe_plan(*side)) lines.push_back("  " + line);
  }
  if (!plan.surely_disjoint) lines.emplace_back("Aggregate once more: reports that both share");
  lines.emplace_back("Scan a side whose reports are sampled: weights");
  if (plan.baseline.request.senders) lines.emplace_back("Look for a loud sender on one side");
  for (const Judged& item : plan.items) lines.push_back("Compare: " + item.text);
  return lines;
}

}  // namespace kpi::query
