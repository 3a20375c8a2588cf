// Which events are the baseline of a COMPARE, and which the candidate.
#pragma once
#include <string>
#include <vector>

#include "kpi/store.h"
#include "query/plan/condition.h"
#include "query/plan/names.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Sides {
  Condition baseline, candidate;   // With WHERE in both.
  bool surely_disjoint = false;    // By their conditions alone, whatever is stored.
  std::vector<std::string> notes;  // A candidate window that is not over yet.
};

// Around a milestone: the window before it against the window from it on, cut after `now_ms`.
// kNotFound: no such milestone. Errors carry the place in the text.
Result<Sides> plan_sides(const Compare& compare, const View& view, Names& names,
                         std::int64_t now_ms);

}  // namespace kpi::query
