#include "query/compare/survivors.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "query/compare/holm.h"

namespace kpi::query {
namespace {

std::string name_of(const Judged& item) {
  std::array<char, 40> q{};
  std::snprintf(q.data(), q.size(), "%.9g", item.parameter);
  return "quantile_of_attempts(" + item.measure + ", " + q.data() + ")";
}

bool same_quantile(const Judged& left, const Judged& right) {
  return left.measure == right.measure && left.parameter == right.parameter;
}

}  // namespace

Judged survival() { return {Judged::Kind::kSurvival, {}, {}}; }

bool may_be_fooled(const Judged& item) {
  return item.kind == Judged::Kind::kQuantile || item.kind == Judged::Kind::kFractionBelow;
}

std::vector<bool> fooled_groups(const std::vector<JudgedGroup>& groups) {
  std::vector<std::optional<double>> p_values;
  for (const JudgedGroup& group : groups) {
    const auto& difference = group.items.back().difference;
    p_values.push_back(difference ? std::optional(difference->p_value) : std::nullopt);
  }
  std::vector<bool> fooled;
  for (const auto& p : holm(p_values)) fooled.push_back(p && *p <= kSignificance);
  return fooled;
}

std::optional<ComparePlan> attempts_plan(const ComparePlan& plan) {
  ComparePlan out = plan;
  out.items.clear();
  std::vector<std::string> measures;
  for (const Judged& item : plan.items) {
    const bool there = std::any_of(plan.items.begin(), plan.items.end(), [&](const Judged& other) {
      return other.kind == Judged::Kind::kQuantileOfAttempts && same_quantile(item, other);
    });
    if (item.kind != Judged::Kind::kQuantile || there || beside(item, out)) continue;
    Judged added{Judged::Kind::kQuantileOfAttempts, name_of(item), item.measure, item.parameter};
    const auto at = std::find(measures.begin(), measures.end(), item.measure);
    added.slot = static_cast<std::size_t>(at - measures.begin());
    added.asked = false;
    if (at == measures.end()) measures.push_back(item.measure);
    out.items.push_back(std::move(added));
  }
  if (out.items.empty()) return std::nullopt;
  for (Plan* side : {&out.baseline, &out.candidate}) {
    side->request.measures.clear();
    side->request.senders = false;
    side->success_measures = measures;
  }
  return out;
}

std::optional<std::size_t> beside(const Judged& item, const ComparePlan& attempts) {
  if (item.kind != Judged::Kind::kQuantile) return std::nullopt;
  for (std::size_t i = 0; i < attempts.items.size(); ++i) {
    if (same_quantile(item, attempts.items[i])) return i;
  }
  return std::nullopt;
}

std::string warning(const JudgedGroup& group, const Judgement& survival) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(),
                "%.4g %% of the baseline's reports are successes and %.4g %% of the candidate's "
                "(p = %.2g)",
                100 * *survival.baseline, 100 * *survival.candidate, survival.difference->p_value);
  return "survivorship" + in_group(group) + ": " + text.data() +
         ", so that timings are of different people: trust quantile_of_attempts()";
}

}  // namespace kpi::query
