// Reads both sides of a COMPARE and joins them, group by group.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "query/compare/compare_plan.h"
#include "query/compare/difference.h"
#include "query/exec/group_key.h"

namespace kpi::query {

struct Judgement {
  std::optional<double> baseline, candidate;
  std::optional<double> n_baseline, n_candidate;  // Nothing: known no more.
  std::optional<Difference> difference;           // Nothing: too few.
  bool hidden = false;  // A side is too small to be shown: nothing else is set.
};

// Of a side's reports, those that the largest sender of a loud hour sent (kpi/store.h).
struct LoudShares {
  double baseline = 0, candidate = 0;
};

struct JudgedGroup {
  GroupKey key;
  std::vector<Judgement> items;    // As long as the plan's.
  std::optional<LoudShares> loud;  // Where senders were asked for, and both sides are shown.
};

// For people: " in " and the group's keys; nothing where there are none.
std::string in_group(const JudgedGroup& group);

struct Judgements {
  std::vector<JudgedGroup> groups;                 // By key, bytewise, NULL last.
  std::vector<std::shared_ptr<const void>> names;  // Keep the views of keys alive.
  std::vector<std::string> notes;
  std::vector<ReadStep> steps;
};

Error too_many_rows(std::size_t rows, std::size_t rows_max);

// Every group that either side has; without GROUP BY one, even of no events.
// kLimitExceeded: more rows than Options::rows_max, or groups than Options::bytes_max hold.
Result<Judgements> judge(const ComparePlan& plan, const View& view, const Options& options);

}  // namespace kpi::query
