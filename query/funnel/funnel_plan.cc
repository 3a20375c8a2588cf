#include "query/funnel/funnel_plan.h"

#include <algorithm>

#include "query/exec/events.h"
#include "query/plan/condition.h"
#include "query/plan/group_keys.h"
#include "query/text/suggest.h"

namespace kpi::query {
namespace {

Predicate is_null(const std::string& measure) {
  Predicate out;
  out.kind = Predicate::Kind::kMeasureIsNull;
  out.measure = measure;
  return out;
}

Predicate negation(Predicate of) {
  Predicate out;
  out.kind = Predicate::Kind::kNot;
  out.children.push_back(std::move(of));
  return out;
}

class FunnelPlanner {
 public:
  FunnelPlanner(const Funnel& funnel, const View& view)
      : funnel_(funnel), names_(view), known_(view.measures()) {
    scope_.names = &names_;
    scope_.over_events = true;
  }

  Result<FunnelPlan> run(const View& view, std::int64_t now_ms) {
    auto request = plan_scan(funnel_.where, view, now_ms);
    if (!request.ok()) return std::move(request).error();
    plan_.request = std::move(request).value();
    if (const Status read = read_steps(); !read.ok()) return read.error();
    if (const Status grouped = group_by(); !grouped.ok()) return grouped.error();
    add_columns();
    return std::move(plan_);
  }

 private:
  // Each name once: a step twice, or excluded as well, is a mistake and not a question.
  Result<std::string> measure(const QuotedName& name) {
    std::string canonical = canonical_measure(name.text);
    if (canonical.empty()) {
      return Error{
          ErrorCode::kInvalidArgument, "expected the name of a step, found ''", {}, name.position};
    }
    if (std::find(seen_.begin(), seen_.end(), canonical) != seen_.end()) {
      return Error{ErrorCode::kInvalidArgument,
                   "expected each step once, found '" + name.text + "' again",
                   {},
                   name.position};
    }
    seen_.push_back(canonical);
    if (std::find(known_.begin(), known_.end(), canonical) == known_.end()) {
      const std::string hint = did_you_mean(canonical, known_);
      plan_.notes.push_back("nobody has reported '" + name.text + "' yet" +
                            (hint.empty() ? "" : "; " + hint));
    }
    return canonical;
  }

  Status read_steps() {
    Predicate all;
    all.kind = Predicate::Kind::kAnd;
    for (const QuotedName& step : funnel_.steps) {
      auto name = measure(step);
      if (!name.ok()) return std::move(name).error();
      plan_.steps.push_back(std::move(name).value());
    }
    all.children.push_back(negation(is_null(plan_.steps[0])));
    for (const QuotedName& exclusion : funnel_.exclusions) {
      const auto name = measure(exclusion);
      if (!name.ok()) return name.error();
      all.children.push_back(is_null(name.value()));
    }
    if (plan_.request.where.kind != Predicate::Kind::kTrue) {
      all.children.push_back(std::move(plan_.request.where));
    }
    plan_.request.where = all.children.size() == 1 ? std::move(all.children[0]) : std::move(all);
    return ok_status();
  }

  Status group_by() {
    for (const ExprPtr& expr : funnel_.group_by) {
      const std::size_t keys = scope_.keys.size();
      const bool had_bucket = scope_.bucketing.has_value();
      if (Status added = add_group_key(*expr, scope_); !added.ok()) return added;
      if (scope_.keys.size() > keys) {
        plan_.group_columns.emplace_back(keys);
        plan_.columns.push_back({dimension_name(scope_.keys.back()), Type::kText});
      } else if (!had_bucket && scope_.bucketing) {
        plan_.group_columns.emplace_back(std::nullopt);
        plan_.columns.push_back({expr->text, Type::kTimestamp});
      }
    }
    plan_.bucketing = scope_.bucketing;
    plan_.keys = scope_.keys;
    return ok_status();
  }

  void add_columns() {
    plan_.columns.push_back({"stage", Type::kText});
    plan_.columns.push_back({"count", Type::kInt8});
    for (const char* name : {"share_of_first", "share_of_previous", "completed_all", "p50_ms"}) {
      plan_.columns.push_back({name, Type::kFloat8});
    }
  }

  const Funnel& funnel_;
  Names names_;
  const std::vector<std::string> known_;
  Scope scope_;
  std::vector<std::string> seen_;
  FunnelPlan plan_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

Result<FunnelPlan> plan_funnel(const Funnel& funnel, const View& view, std::int64_t now_ms) {
  return FunnelPlanner(funnel, view).run(view, now_ms);
}

std::vector<std::string> describe_funnel(const FunnelPlan& plan) {
  std::vector<std::string> lines = {scan_text(plan.request)};
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < plan.group_columns.size(); ++i) {
    groups.push_back(plan.columns[i].name);
  }
  if (!groups.empty()) lines.push_back("Group by: " + joined(groups));
  lines.push_back("Stages: " + joined(plan.steps));
  return lines;
}

}  // namespace kpi::query
