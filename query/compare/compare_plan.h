// What a COMPARE asks of the store, and which aggregates it judges.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/compare/sides.h"
#include "query/plan/plan.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Judged {
  enum class Kind : std::uint8_t {
    kQuantile,
    kQuantileOfAttempts,
    kSuccessRate,
    kClickThroughRate,
    kFractionBelow,
    kSurvival,  // The share of reports that are successes: looked at, never printed as a row.
  };
  Kind kind = Kind::kQuantile;
  std::string text;      // As the column `aggregate` has it.
  std::string measure;   // Of quantiles and fractions.
  double parameter = 0;  // q, or ms.
  std::size_t slot = 0;  // Of the measure among a plan's measures, or its measures of successes.
  bool asked = true;     // Else added because survivors differ.
  bool quantile() const { return kind == Kind::kQuantile || kind == Kind::kQuantileOfAttempts; }
  bool lower_is_better() const { return quantile(); }
};

struct ComparePlan {
  Plan baseline, candidate;  // They differ in range and condition only.
  bool surely_disjoint = false;
  std::vector<std::string> notes;
  std::vector<Judged> items;
  std::vector<Column> columns;
};

// Errors carry the place in the text.
Result<ComparePlan> plan_compare(const Compare& compare, const View& view, std::int64_t now_ms);
// For people, one line a step.
std::vector<std::string> describe_compare(const ComparePlan& plan);

}  // namespace kpi::query
