#include "query/plan/condition.h"
#include "query/plan/plan.h"

namespace kpi::query {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string bucket_text(const Bucketing& bucketing) {
  if (bucketing.calendar()) return "months: " + std::to_string(bucketing.months);
  return "width: " + std::to_string(bucketing.width_ms) + " ms";
}

std::string request_text(const AggregateRequest& request) {
  std::string out = "Aggregate: range " + to_text(request.range);
  if (request.where.kind != Predicate::Kind::kTrue) out += ", where " + to_text(request.where);
  return out;
}

void group_lines(const Plan& plan, std::vector<std::string>& lines) {
  std::vector<std::string> keys;
  for (const DimensionRef& key : plan.request.group_by) keys.push_back(dimension_name(key));
  if (!keys.empty()) lines.push_back("Group by: " + joined(keys));
  if (plan.bucketing) lines.push_back("Time bucket, " + bucket_text(*plan.bucketing));
  if (!plan.request.measures.empty()) lines.push_back("Sketches: " + joined(plan.request.measures));
}

void finishing_lines(const Plan& plan, std::vector<std::string>& lines) {
  if (plan.having) lines.emplace_back("Filter groups");
  if (plan.fill != FillMode::kNone) lines.push_back("Fill: " + to_text(plan.fill_range));
  if (!plan.order_by.empty()) {
    lines.push_back("Sort keys: " + std::to_string(plan.order_by.size()));
  }
  if (plan.limit) lines.push_back("Limit: " + std::to_string(*plan.limit));
  if (plan.offset > 0) lines.push_back("Offset: " + std::to_string(plan.offset));
}

}  // namespace

std::vector<std::string> describe_plan(const Plan& plan) {
  if (!plan.over_events) return {"Constant row"};
  std::vector<std::string> lines = {request_text(plan.request)};
  group_lines(plan, lines);
  if (!plan.success_measures.empty()) {
    lines.push_back("Sketches of successes: " + joined(plan.success_measures));
  }
  finishing_lines(plan, lines);
  return lines;
}

}  // namespace kpi::query
