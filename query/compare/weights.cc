#include "query/compare/weights.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>

#include "query/compare/event_key.h"
#include "query/exec/group_key.h"

namespace kpi::query {
namespace {

constexpr double kThousandths = 1000;

std::optional<double> measured(const Event& event, const std::string& name) {
  for (const NamedValue& measure : event.measures) {
    if (measure.name == name) return measure.value;
  }
  return std::nullopt;
}

// Whether the event is a hit of the aggregate; nothing where it does not enter it.
std::optional<bool> hit(const Judged& item, const Event& event, double point) {
  const bool success = event.kind.outcome() == Outcome::kSuccess;
  const bool failure = event.kind.outcome() == Outcome::kFailure;
  switch (item.kind) {
    case Judged::Kind::kSurvival:
      return success;
    case Judged::Kind::kSuccessRate:
      return success || failure ? std::optional(success) : std::nullopt;
    case Judged::Kind::kClickThroughRate:
      if (failure && event.kind.ui_shown() != UiShown::kYes) return std::nullopt;
      return success || failure ? std::optional(success) : std::nullopt;
    case Judged::Kind::kQuantileOfAttempts:
      if (failure) return std::isinf(point);
      if (!success) return std::nullopt;
      break;
    default:
      break;
  }
  const auto value = measured(event, item.measure);
  if (!value) return std::nullopt;
  return item.kind == Judged::Kind::kFractionBelow ? *value < item.parameter : *value <= point;
}

void add(WeightSums& sums, bool hit, double weight) {
  ++sums.reports;
  (hit ? sums.hits : sums.misses) += weight;
  (hit ? sums.hits_squared : sums.misses_squared) += weight * weight;
}

GroupIndex index_of(const GroupTable& table) {
  GroupIndex index;
  for (std::size_t group = 0; group < table.size; ++group) {
    GroupKey key;
    for (const auto& column : table.keys) key.keys.push_back(column[group]);
    index.emplace(std::move(key), group);
  }
  return index;
}

bool covers(const TimeRange& covered, const TimeRange& asked) {
  return asked.empty() || (covered.begin_ms <= asked.begin_ms && covered.end_ms >= asked.end_ms);
}

}  // namespace

bool weighted(const GroupTable& table) {
  return std::any_of(table.counts.begin(), table.counts.end(), [](const Counts& counts) {
    return counts.total != counts.events * kWeightMin;
  });
}

double WeightSums::effective() const {
  const double all = total();
  if (all <= 0) return 0;
  const double squares =
      hits > 0 && misses > 0
          ? (hits_squared * misses * misses + misses_squared * hits * hits) / (hits * misses)
          : hits_squared + misses_squared;
  const double out = all * all / squares;
  const double whole = std::round(out);  // Of equal weights it is a whole number.
  return std::abs(out - whole) < 1e-6 * whole ? whole : out;
}

Result<ScannedWeights> scan_weights(const Plan& side, const std::vector<Judged>& items,
                                    const GroupTable& table,
                                    const std::vector<std::vector<double>>& points,
                                    const View& view, const Options& options) {
  ScannedWeights out;
  out.sums.assign(table.size, std::vector<WeightSums>(items.size()));
  const GroupIndex index = index_of(table);
  std::deque<std::string> texts;
  GroupKey key;
  const auto sink = [&](const Event& event) {
    texts.clear();
    key.keys.clear();
    for (const DimensionRef& dimension : side.request.group_by) {
      key.keys.push_back(dimension_value(event, dimension, texts));
    }
    const auto group = index.find(key);
    if (group == index.end()) return true;
    for (std::size_t item = 0; item < items.size(); ++item) {
      const auto is_hit = hit(items[item], event, points[group->second][item]);
      if (is_hit) add(out.sums[group->second][item], *is_hit, event.weight / kThousandths);
    }
    return true;
  };
  auto report = view.scan({side.request.range, side.request.where, options.stop}, sink);
  if (!report.ok()) return std::move(report).error();
  out.complete = covers(report.value().covered, side.request.range);
  out.steps = std::move(report.value().steps);
  return out;
}

}  // namespace kpi::query
