#include "query/compare/judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "query/compare/figures.h"
#include "query/compare/loud_senders.h"
#include "query/compare/weights.h"
#include "query/exec/groups.h"
#include "query/exec/small_groups.h"

namespace kpi::query {
namespace {

// One side as it was read.
struct SideGroups {
  const Plan* plan = nullptr;
  const char* name = "";
  Groups groups;
  std::optional<ScannedWeights> weights;  // Where reports count more than once.
};

std::vector<std::vector<double>> points_of(const std::vector<Judged>& items,
                                           const GroupTable& table) {
  std::vector<std::vector<double>> points(table.size, std::vector<double>(items.size()));
  for (std::size_t group = 0; group < table.size; ++group) {
    for (std::size_t item = 0; item < items.size(); ++item) {
      points[group][item] = figures_of(items[item], table, group, nullptr).value.value_or(0);
    }
  }
  return points;
}

Result<SideGroups> read_side(const Plan& plan, const char* name, const std::vector<Judged>& items,
                             const View& view, const Options& options) {
  auto groups = read_groups(plan, view, options);
  if (!groups.ok()) return std::move(groups).error();
  SideGroups side{&plan, name, std::move(groups).value(), std::nullopt};
  const GroupTable& table = side.groups.table;
  if (!weighted(table)) return side;
  auto scanned = scan_weights(plan, items, table, points_of(items, table), view, options);
  if (!scanned.ok()) return std::move(scanned).error();
  side.weights = std::move(scanned).value();
  return side;
}

void note_side(const SideGroups& side, Judgements& out) {
  const TimeRange& asked = side.plan->request.range;
  const TimeRange& covered = side.groups.covered;
  const TimeRange all;
  const bool begin = asked.begin_ms != all.begin_ms && covered.begin_ms > asked.begin_ms;
  const bool end = asked.end_ms != all.end_ms && covered.end_ms < asked.end_ms;
  if (!asked.empty() && (begin || end)) {
    const TimeRange answered = {std::max(asked.begin_ms, covered.begin_ms),
                                std::min(asked.end_ms, covered.end_ms)};
    out.notes.push_back("the " + std::string(side.name) + " covers " + to_text(answered) + " of " +
                        to_text(asked) + ": finer data has aged out");
  }
  if (side.weights && !side.weights->complete) {
    out.notes.push_back("sample rates of the " + std::string(side.name) +
                        " have aged out: what is left of them stands for all");
  }
}

void take_steps(SideGroups& side, Judgements& out) {
  const auto append = [&out](const std::vector<ReadStep>& steps) {
    out.steps.insert(out.steps.end(), steps.begin(), steps.end());
  };
  append(side.groups.steps);
  if (side.weights) append(side.weights->steps);
  const auto& names = side.groups.table.names;
  out.names.insert(out.names.end(), names.begin(), names.end());
}

Figures figures(const SideGroups& side, const Judged& item, std::size_t number,
                std::optional<std::size_t> group) {
  if (!group) return {};
  const WeightSums* sums = side.weights ? &side.weights->sums[*group][number] : nullptr;
  return figures_of(item, side.groups.table, *group, sums);
}

Judgement join(const Figures& baseline, const Figures& candidate) {
  Judgement out{baseline.value, candidate.value, baseline.reports, candidate.reports, std::nullopt};
  if (baseline.estimate && candidate.estimate) {
    out.difference =
        difference(baseline.estimate, candidate.estimate, *candidate.value - *baseline.value);
  }
  return out;
}

bool hidden(const SideGroups& side, std::optional<std::size_t> group) {
  const std::vector<bool>& hidden = side.groups.table.hidden;
  return group && !hidden.empty() && hidden[*group];
}

// Of a measure, its values count: few of them tell of single reports in a large group.
Judgement shown(Judgement judgement, bool hidden, std::uint64_t min) {
  const auto few = [min](std::optional<double> n) {
    return min > 1 && n && *n > 0 && *n < static_cast<double>(min);
  };
  if (!hidden && !few(judgement.n_baseline) && !few(judgement.n_candidate)) return judgement;
  Judgement nothing;
  nothing.hidden = true;
  return nothing;
}

struct Pair {
  GroupKey key;
  std::optional<std::size_t> baseline, candidate;
};

std::optional<LoudShares> loud_shares(const SideGroups& baseline, const SideGroups& candidate,
                                      const Pair& pair) {
  const GroupTable& of_baseline = baseline.groups.table;
  const GroupTable& of_candidate = candidate.groups.table;
  if (!pair.baseline || !pair.candidate || of_baseline.loud.empty() || of_candidate.loud.empty()) {
    return std::nullopt;
  }
  return LoudShares{loud_share(of_baseline, *pair.baseline),
                    loud_share(of_candidate, *pair.candidate)};
}

bool before(const Pair& left, const Pair& right) {
  for (std::size_t i = 0; i < left.key.keys.size(); ++i) {
    const std::string_view a = left.key.keys[i], b = right.key.keys[i];
    if ((a.data() == nullptr) != (b.data() == nullptr)) return b.data() == nullptr;
    if (a != b) return a < b;
  }
  return false;
}

std::vector<Pair> pair_groups(const GroupTable& baseline, const GroupTable& candidate) {
  std::vector<Pair> pairs;
  GroupIndex index;
  const auto add = [&](const GroupTable& table, std::optional<std::size_t> Pair::*side) {
    for (std::size_t group = 0; group < table.size; ++group) {
      GroupKey key;
      for (const auto& column : table.keys) key.keys.push_back(column[group]);
      const auto [at, fresh] = index.emplace(key, pairs.size());
      if (fresh) pairs.push_back({std::move(key), std::nullopt, std::nullopt});
      pairs[at->second].*side = group;
    }
  };
  add(baseline, &Pair::baseline);
  add(candidate, &Pair::candidate);
  std::sort(pairs.begin(), pairs.end(), before);
  return pairs;
}

}  // namespace

std::string in_group(const JudgedGroup& group) {
  std::string where;
  for (const std::string_view key : group.key.keys) {
    where += (where.empty() ? " in " : ", ") +
             (key.data() == nullptr ? std::string("NULL") : "'" + std::string(key) + "'");
  }
  return where;
}

Error too_many_rows(std::size_t rows, std::size_t rows_max) {
  return {ErrorCode::kLimitExceeded,
          "expected at most " + std::to_string(rows_max) + " rows, found " + std::to_string(rows),
          "group by fewer dimensions, or compare fewer aggregates"};
}

Result<Judgements> judge(const ComparePlan& plan, const View& view, const Options& options) {
  auto baseline = read_side(plan.baseline, "baseline", plan.items, view, options);
  if (!baseline.ok()) return std::move(baseline).error();
  auto candidate = read_side(plan.candidate, "candidate", plan.items, view, options);
  if (!candidate.ok()) return std::move(candidate).error();
  const std::vector<Pair> pairs =
      pair_groups(baseline.value().groups.table, candidate.value().groups.table);
  const auto printed = std::count_if(plan.items.begin(), plan.items.end(), [](const Judged& item) {
    return item.kind != Judged::Kind::kSurvival;
  });
  const std::size_t rows = pairs.size() * static_cast<std::size_t>(printed);
  if (rows > options.rows_max) return too_many_rows(rows, options.rows_max);
  Judgements out;
  for (const Pair& pair : pairs) {
    if (options.stop.stop_requested()) return Error{ErrorCode::kCanceled, "canceled"};
    JudgedGroup& group = out.groups.emplace_back();
    group.key = pair.key;
    const bool small =
        hidden(baseline.value(), pair.baseline) || hidden(candidate.value(), pair.candidate);
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
      Judgement judgement = join(figures(baseline.value(), plan.items[i], i, pair.baseline),
                                 figures(candidate.value(), plan.items[i], i, pair.candidate));
      group.items.push_back(shown(std::move(judgement), small, options.min_group_size));
    }
    if (!small) group.loud = loud_shares(baseline.value(), candidate.value(), pair);
  }
  for (SideGroups* side : {&baseline.value(), &candidate.value()}) {
    note_side(*side, out);
    note_hidden(side->groups.table, options, out.notes);
    take_steps(*side, out);
  }
  return out;
}

}  // namespace kpi::query
