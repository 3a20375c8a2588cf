// Survivorship: timings are of those who got through. Where fewer get through on one side, the
// timings that are left look better or worse for that alone.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "query/compare/compare_plan.h"
#include "query/compare/judge.h"

namespace kpi::query {

// The share of reports that are successes: what tells survivorship, as one more item of a plan.
Judged survival();
// Whether an item is of timings, so that it may be fooled.
bool may_be_fooled(const Judged& item);
// The groups, of which survival() is the last item, where the share of successes differs: at
// kSignificance, over all of them together.
std::vector<bool> fooled_groups(const std::vector<JudgedGroup>& groups);

// A plan that asks for quantile_of_attempts() of every quantile that was asked for without it;
// nothing where there is none.
std::optional<ComparePlan> attempts_plan(const ComparePlan& plan);
// The item of `attempts` that belongs beside `item`.
std::optional<std::size_t> beside(const Judged& item, const ComparePlan& attempts);

// One sentence for people, with the group it is about where there are groups.
std::string warning(const JudgedGroup& group, const Judgement& survival);

}  // namespace kpi::query
