#include <algorithm>
#include <charconv>
#include <limits>

#include "query/plan/compiler.h"
#include "query/plan/condition.h"
#include "query/plan/group_keys.h"
#include "query/plan/names.h"
#include "query/plan/plan.h"
#include "query/plan/row_count.h"

namespace kpi::query {
namespace {

Error invalid(std::size_t position, std::string message, std::string hint = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), position};
}

Type column_type(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return Type::kBool;
    case Kind::kInt:
      return Type::kInt8;
    case Kind::kFloat:
      return Type::kFloat8;
    case Kind::kTime:
      return Type::kTimestamp;
    default:
      return Type::kText;
  }
}

class Planner {
 public:
  Planner(const Select& select, Names& names, std::int64_t now_ms) : select_(select) {
    scope_.names = &names;
    scope_.now_ms = now_ms;
    scope_.over_events = select.from_events;
  }

  Result<Plan> run() {
    plan_.over_events = select_.from_events;
    for (const auto step :
         {&Planner::clauses, &Planner::where, &Planner::group_by, &Planner::outputs,
          &Planner::having, &Planner::order_by, &Planner::fill, &Planner::finish}) {
      if (const Status done = (this->*step)(); !done.ok()) return done.error();
    }
    return std::move(plan_);
  }

 private:
  Status clauses() {  // Without FROM there is nothing to choose or group.
    if (select_.from_events) return ok_status();
    const Expr* extra = select_.where ? select_.where.get() : select_.having.get();
    if (extra == nullptr && !select_.group_by.empty()) extra = select_.group_by[0].get();
    if (extra != nullptr) return invalid(extra->position, "expected FROM events before this");
    return ok_status();
  }

  Status where() {
    auto condition = plan_condition(select_.where.get(), *scope_.names, scope_.now_ms);
    if (!condition.ok()) return std::move(condition).error();
    plan_.request.range = condition.value().range;
    plan_.request.where = std::move(condition).value().where;
    return ok_status();
  }

  // GROUP BY and ORDER BY may name an item of the list by its position.
  Result<const Expr*> item_or_self(const Expr& expr) {
    if (expr.kind != Expr::Kind::kNumber || expr.bound_from != 0) return &expr;
    std::size_t position = 0;
    const char* end = expr.text.data() + expr.text.size();
    const auto parsed = std::from_chars(expr.text.data(), end, position);
    if (parsed.ec != std::errc{} || parsed.ptr != end || position < 1 ||
        position > select_.items.size()) {
      return invalid(expr.position, "expected a position from 1 to " +
                                        std::to_string(select_.items.size()) + ", found " +
                                        expr.text);
    }
    return select_.items[position - 1].expr.get();
  }

  const Expr* aliased(const Expr& expr) const {
    if (expr.kind != Expr::Kind::kName) return nullptr;
    for (const SelectItem& item : select_.items) {
      if (item.alias == expr.text) return item.expr.get();
    }
    return nullptr;
  }

  Status group_by() {
    plan_.grouped = !select_.group_by.empty();
    for (const ExprPtr& expr : select_.group_by) {
      const auto item = item_or_self(*expr);
      if (!item.ok()) return item.error();
      const Expr* alias = aliased(*item.value());
      if (Status added = add_group_key(alias != nullptr ? *alias : *item.value(), scope_);
          !added.ok()) {
        return added;
      }
    }
    plan_.bucketing = scope_.bucketing;
    plan_.request.group_by = scope_.keys;
    if (plan_.bucketing) {  // Months are merged from days.
      plan_.request.bucket_width_ms =
          plan_.bucketing->calendar() ? kDayMs : plan_.bucketing->width_ms;
      plan_.request.bucket_origin_ms = plan_.bucketing->origin_ms;
    }
    return ok_status();
  }

  Status outputs() {
    for (const SelectItem& item : select_.items) {
      auto compiled = compile(*item.expr, scope_);
      if (!compiled.ok()) return std::move(compiled).error();
      if (compiled.value().kind == Kind::kInterval) {
        return invalid(item.expr->position, "expected a time, number or text, found a duration");
      }
      plan_.columns.push_back({column_name(item), column_type(compiled.value().kind)});
      plan_.outputs.push_back(std::move(compiled).value());
    }
    return ok_status();
  }

  static std::string plain_name(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::kName:
      case Expr::Kind::kCall:
        return expr.text;
      case Expr::Kind::kCast:
        return plain_name(*expr.children[0]);
      default:
        return expr.children.empty() ? "?column?" : to_text(expr);
    }
  }

  // As PostgreSQL names columns; but an operator's, and one whose name is taken, has the whole
  // expression for a name.
  std::string column_name(const SelectItem& item) const {
    if (!item.alias.empty()) return item.alias;
    std::string name = plain_name(*item.expr);
    const bool taken = std::any_of(plan_.columns.begin(), plan_.columns.end(),
                                   [&name](const Column& column) { return column.name == name; });
    return taken ? to_text(*item.expr) : name;
  }

  Status having() {
    if (!select_.having) return ok_status();
    scope_.aliases = &select_.items;
    auto compiled = compile(*select_.having, scope_);
    if (!compiled.ok()) return std::move(compiled).error();
    if (compiled.value().kind != Kind::kBool && compiled.value().kind != Kind::kNull) {
      return invalid(select_.having->position,
                     "expected a condition, found " + to_text(*select_.having));
    }
    plan_.having = std::move(compiled).value();
    return ok_status();
  }

  Status order_by() {
    scope_.aliases = &select_.items;
    for (const OrderItem& item : select_.order_by) {
      const auto expr = item_or_self(*item.expr);
      if (!expr.ok()) return expr.error();
      auto compiled = compile(*expr.value(), scope_);
      if (!compiled.ok()) return std::move(compiled).error();
      plan_.order_by.push_back({std::move(compiled).value(), item.descending,
                                item.nulls_first.value_or(item.descending)});
    }
    return ok_status();
  }

  Status fill() {
    plan_.fill = select_.fill;
    if (plan_.fill == FillMode::kNone) return ok_status();
    if (!plan_.bucketing) {
      return invalid(select_.fill_position, "expected a time bucket in GROUP BY for FILL",
                     "add GROUP BY time_bucket('1 hour', time)");
    }
    if (plan_.request.range.begin_ms == std::numeric_limits<std::int64_t>::min()) {
      return invalid(select_.fill_position, "expected a range of time for FILL",
                     "add WHERE time >= now() - interval '7 days'");
    }
    const bool open = plan_.request.range.end_ms == std::numeric_limits<std::int64_t>::max();
    plan_.fill_range = {plan_.request.range.begin_ms,
                        open ? scope_.now_ms + 1 : plan_.request.range.end_ms};
    return ok_status();
  }

  Status finish() {
    plan_.request.measures = scope_.measures;
    plan_.success_measures = scope_.success_measures;
    plan_.request.senders = scope_.senders_at.has_value();
    if (scope_.senders_at && !tells_senders(plan_.request)) {
      return invalid(*scope_.senders_at, "expected groups and conditions by rp and time alone",
                     "senders are known by RP and hour: buckets of whole hours, WHERE rp = ...");
    }
    const auto limit = row_count(select_.limit);
    if (!limit.ok()) return limit.error();
    const auto offset = row_count(select_.offset);
    if (!offset.ok()) return offset.error();
    plan_.limit = limit.value();
    plan_.offset = offset.value().value_or(0);
    if (!plan_.over_events || plan_.grouped) return ok_status();
    const bool any = std::any_of(plan_.outputs.begin(), plan_.outputs.end(),
                                 [](const Compiled& expr) { return expr.has_aggregate; });
    if (any || plan_.having) return ok_status();
    return invalid(select_.items[0].expr->position, "expected an aggregate or GROUP BY",
                   "write for example SELECT count(*) FROM events");
  }

  const Select& select_;
  Scope scope_;
  Plan plan_;
};

}  // namespace

Result<Plan> plan_select(const Select& select, const View& view, std::int64_t now_ms) {
  Names names(view);
  return Planner(select, names, now_ms).run();
}

AggregateRequest success_request(const Plan& plan) {
  AggregateRequest request = plan.request;
  Predicate success;
  success.kind = Predicate::Kind::kDimensionIn;
  success.dimension = {Dimension::kOutcome};
  success.values = {"success"};
  Predicate both;
  both.kind = Predicate::Kind::kAnd;
  both.children = {plan.request.where, success};
  request.where = plan.request.where.kind == Predicate::Kind::kTrue ? success : both;
  request.measures = plan.success_measures;
  request.senders = false;
  return request;
}

}  // namespace kpi::query
