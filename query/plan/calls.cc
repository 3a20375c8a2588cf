#include "query/plan/calls.h"

#include <algorithm>
#include <array>

#include "query/function/aggregate.h"
#include "query/text/suggest.h"
#include "query/text/time_text.h"

namespace kpi::query {
namespace {

using Op = Compiled::Op;

struct Constant {
  std::string_view name, value;
  bool bare;  // Stands without parentheses.
};
// What psql and drivers ask before their first query.
constexpr std::array<Constant, 7> kConstants = {{
    {"version", "PostgreSQL 15.0 (kpistore)", false},
    {"current_database", "kpi", false},
    {"current_schema", "public", false},
    {"current_catalog", "kpi", true},
    {"current_schema", "public", true},
    {"current_user", "kpi", true},
    {"session_user", "kpi", true},
}};

Error invalid(const Expr& at, std::string message, std::string hint = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), at.position};
}

std::string_view without_schema(std::string_view name) {
  constexpr std::string_view kSchema = "pg_catalog.";
  return name.substr(0, kSchema.size()) == kSchema ? name.substr(kSchema.size()) : name;
}

Error unknown_function(const Expr& call) {
  std::vector<std::string> known = aggregate_names();
  for (const char* name : {"time_bucket", "date_trunc", "now", "version"}) known.emplace_back(name);
  const bool any = call.text == "any" || call.text == "some";
  return invalid(
      call, "expected a function, found " + call.text,
      any ? "a list of values is written out: IN ('a', 'b')" : did_you_mean(call.text, known));
}

std::string signature(const Aggregate& aggregate, const AggregateName& found,
                      const std::string& name) {
  using Arguments = Aggregate::Arguments;
  switch (aggregate.arguments) {
    case Arguments::kNone:
      return name + "()";
    case Arguments::kMeasure:
      return name + "(measure)";
    case Arguments::kStarOrMeasure:
      return name + "(*) or " + name + "(measure)";
    case Arguments::kMeasureAndQuantile:
      return name + (found.parameter ? "(measure)" : "(measure, q)");
    case Arguments::kMeasureAndBound:
      return name + "(measure, ms)";
  }
  return name;
}

std::size_t slot_of(std::vector<std::string>& measures, const std::string& measure) {
  const auto found = std::find(measures.begin(), measures.end(), measure);
  const auto slot = static_cast<std::size_t>(found - measures.begin());
  if (found == measures.end()) measures.push_back(measure);
  return slot;
}

Result<double> parameter(const Expr& expr, const Aggregate& aggregate, std::int64_t now_ms) {
  const bool quantile = aggregate.arguments == Aggregate::Arguments::kMeasureAndQuantile;
  std::deque<std::string> texts;
  const auto value = fold_as(expr, Kind::kFloat, now_ms, texts);
  if (!value.ok()) return value.error();
  const Kind kind = value.value().kind;
  const double number = value.value().as_double();
  const bool numeric = kind == Kind::kInt || kind == Kind::kFloat;
  if (!numeric || number < 0 || (quantile && number > 1)) {
    return invalid(expr, std::string("expected a number ") +
                             (quantile ? "from 0 to 1" : "of at least 0") + ", found " +
                             to_text(expr));
  }
  return number;
}

Result<Compiled> compile_aggregate(const Expr& call, const AggregateName& found, Scope& scope) {
  using Arguments = Aggregate::Arguments;
  const Aggregate* aggregate = found.aggregate;
  const bool two = !found.parameter && (aggregate->arguments == Arguments::kMeasureAndQuantile ||
                                        aggregate->arguments == Arguments::kMeasureAndBound);
  const std::size_t wanted = aggregate->arguments == Arguments::kNone ? 0 : (two ? 2 : 1);
  if (call.children.size() != wanted) {
    return invalid(call, "expected " + signature(*aggregate, found, call.text));
  }
  Compiled out{Op::kAggregate, aggregate->result};
  out.has_aggregate = true;
  out.aggregate = aggregate;
  if (aggregate == &aggregates::kLargestSenderShare && !scope.senders_at) {
    scope.senders_at = call.position;
  }
  if (wanted == 0) return out;
  if (aggregate->arguments == Arguments::kStarOrMeasure &&
      call.children[0]->kind == Expr::Kind::kStar) {
    out.aggregate = &count_all();
    return out;
  }
  auto measure = scope.names->measure(*call.children[0]);
  if (!measure.ok()) return std::move(measure).error();
  out.has_measure = true;
  out.slot =
      slot_of(aggregate->successes_only ? scope.success_measures : scope.measures, measure.value());
  out.parameter = found.parameter.value_or(0);
  if (two) {
    const auto value = parameter(*call.children[1], *aggregate, scope.now_ms);
    if (!value.ok()) return value.error();
    out.parameter = value.value();
  }
  return out;
}

Result<Compiled> compile_bucket(const Expr& call, const Scope& scope) {
  const auto bucketing = parse_bucket_call(call);
  if (!bucketing.ok()) return bucketing.error();
  if (!scope.bucketing || *scope.bucketing != bucketing.value()) {
    return invalid(call, "expected " + to_text(call) + " in GROUP BY",
                   "add GROUP BY " + to_text(call));
  }
  return Compiled{Op::kBucket, Kind::kTime};
}

// Of a moment that no event is asked for: date_trunc('day', now()).
Result<Compiled> compile_moment(const Expr& call, const Scope& scope) {
  const auto bucketing = parse_bucketing(call);
  if (!bucketing.ok()) return bucketing.error();
  const Expr& moment = *call.children[1];
  std::deque<std::string> texts;
  const auto value = fold_as(moment, Kind::kTime, scope.now_ms, texts);
  if (!value.ok()) return value.error();
  if (value.value().null()) return literal({Kind::kNull, 0, 0, {}});
  if (value.value().kind != Kind::kTime) {
    return invalid(moment, "expected a time, found " + to_text(moment));
  }
  const auto begin = add(bucketing.value().floor(value.value().integer), {});
  if (!begin) return invalid(call, "expected a value in range");
  return literal(make_time(*begin));
}

}  // namespace

std::optional<Compiled> constant_name(const Expr& expr) {
  if (expr.quoted) return std::nullopt;
  for (const Constant& constant : kConstants) {
    if (constant.bare && constant.name == expr.text) return literal(make_text(constant.value));
  }
  return std::nullopt;
}

Result<Compiled> compile_call(const Expr& call, Scope& scope) {
  const std::string_view name = without_schema(call.text);
  if (name == "now" && call.children.empty()) return literal(make_time(scope.now_ms));
  for (const Constant& constant : kConstants) {
    if (!constant.bare && constant.name == name && call.children.empty()) {
      return literal(make_text(constant.value));
    }
  }
  const bool bucket = is_bucket_call(call);
  const auto aggregate = find_aggregate(name);
  if (!bucket && !aggregate) return unknown_function(call);
  if (bucket && call.children.size() == 2 && !cuts_events(call)) {
    return compile_moment(call, scope);
  }
  if (!scope.over_events) {
    return invalid(call, "expected a constant, found " + to_text(call),
                   "aggregates need FROM events");
  }
  return bucket ? compile_bucket(call, scope) : compile_aggregate(call, *aggregate, scope);
}

}  // namespace kpi::query
