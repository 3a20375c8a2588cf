#include "query/compare/sides.h"

#include <algorithm>

#include "query/exec/milestones.h"
#include "query/text/time_text.h"

namespace kpi::query {
namespace {

constexpr Interval kDefaultWindow = {0, 7 * kDayMs};

Condition both(const Condition& left, const Condition& right) {
  Condition out;
  out.range = {std::max(left.range.begin_ms, right.range.begin_ms),
               std::min(left.range.end_ms, right.range.end_ms)};
  out.where.kind = Predicate::Kind::kAnd;
  for (const Condition* condition : {&left, &right}) {
    if (condition->where.kind != Predicate::Kind::kTrue) {
      out.where.children.push_back(condition->where);
    }
  }
  if (out.where.children.empty()) out.where = {};
  if (out.where.children.size() == 1) {
    Predicate only = std::move(out.where.children[0]);
    out.where = std::move(only);
  }
  return out;
}

// The values that every event of `where` must have one of in a dimension.
void collect_values(const Predicate& where, std::vector<const Predicate*>& found) {
  if (where.kind == Predicate::Kind::kDimensionIn) found.push_back(&where);
  if (where.kind != Predicate::Kind::kAnd) return;
  for (const Predicate& child : where.children) collect_values(child, found);
}

bool no_common_value(const Predicate& left, const Predicate& right) {
  return left.dimension == right.dimension &&
         std::none_of(left.values.begin(), left.values.end(), [&](const std::string& value) {
           return std::find(right.values.begin(), right.values.end(), value) != right.values.end();
         });
}

bool disjoint(const Condition& left, const Condition& right) {
  if (std::max(left.range.begin_ms, right.range.begin_ms) >=
      std::min(left.range.end_ms, right.range.end_ms)) {
    return true;
  }
  std::vector<const Predicate*> of_left, of_right;
  collect_values(left.where, of_left);
  collect_values(right.where, of_right);
  return std::any_of(of_left.begin(), of_left.end(), [&](const Predicate* one) {
    return std::any_of(of_right.begin(), of_right.end(),
                       [&](const Predicate* other) { return no_common_value(*one, *other); });
  });
}

Error wrong_window(const Expr& window) {
  return {ErrorCode::kInvalidArgument,
          "expected a duration of more than 0, found " + to_text(window), "write WINDOW '7 days'",
          window.position};
}

Status around(const Compare& compare, const Milestone& milestone, std::int64_t now_ms,
              Sides& sides) {
  Interval window = kDefaultWindow;
  if (compare.window) {
    const auto parsed = parse_interval(compare.window->text);
    if (!parsed || parsed->months < 0 || parsed->ms < 0 || *parsed == Interval{}) {
      return wrong_window(*compare.window);
    }
    window = *parsed;
  }
  const auto begin = add(milestone.at_ms, {-window.months, -window.ms});
  const auto end = add(milestone.at_ms, window);
  if (!begin || !end) return wrong_window(*compare.window);
  sides.baseline.range = {*begin, milestone.at_ms};
  sides.candidate.range = {milestone.at_ms, std::min(*end, std::max(now_ms + 1, milestone.at_ms))};
  if (*end > now_ms + 1) {
    sides.notes.push_back("the window of the candidate is not over: it ends at " + iso_time(*end));
  }
  return ok_status();
}

Status conditions(const Compare& compare, Names& names, std::int64_t now_ms, Sides& sides) {
  auto baseline = plan_condition(compare.baseline.get(), names, now_ms);
  if (!baseline.ok()) return std::move(baseline).error();
  auto candidate = plan_condition(compare.candidate.get(), names, now_ms);
  if (!candidate.ok()) return std::move(candidate).error();
  sides.baseline = std::move(baseline).value();
  sides.candidate = std::move(candidate).value();
  return ok_status();
}

}  // namespace

Result<Sides> plan_sides(const Compare& compare, const View& view, Names& names,
                         std::int64_t now_ms) {
  Sides sides;
  Status done = ok_status();
  if (compare.baseline) {
    done = conditions(compare, names, now_ms, sides);
  } else {
    const auto milestone = find_milestone(view, compare.milestone, compare.milestone_position);
    if (!milestone.ok()) return milestone.error();
    done = around(compare, milestone.value(), now_ms, sides);
  }
  if (!done.ok()) return std::move(done).error();
  auto where = plan_condition(compare.where.get(), names, now_ms);
  if (!where.ok()) return std::move(where).error();
  sides.baseline = both(sides.baseline, where.value());
  sides.candidate = both(sides.candidate, where.value());
  sides.surely_disjoint = disjoint(sides.baseline, sides.candidate);
  return sides;
}

}  // namespace kpi::query
