#include "tests/query/compare/simulation.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "query/compare/figures.h"

namespace kpi::test {
namespace {

using query::Figures;
using query::GroupTable;
using query::Judged;
using query::WeightSums;

struct Drawn {
  GroupTable table;                                             // Of one group and measure.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> values;  // With weights; kept if weighted.
  WeightSums outcomes;
};

std::uint32_t weight_of(Sampling sampling, bool success, Random& random) {
  if (sampling == Sampling::kTenth) return 10 * kWeightMin;
  if (sampling == Sampling::kMixed && random.chance(0.5)) return 10 * kWeightMin;
  if (sampling == Sampling::kByOutcome && success) return 10 * kWeightMin;
  return kWeightMin;
}

void add(WeightSums& sums, bool hit, std::uint32_t weight) {
  const double w = weight / static_cast<double>(kWeightMin);
  ++sums.reports;
  (hit ? sums.hits : sums.misses) += w;
  (hit ? sums.hits_squared : sums.misses_squared) += w * w;
}

class Drawer {
 public:
  explicit Drawer(const Attempts& attempts)
      : attempts_(attempts),
        failures_(Population::binomial(attempts.n, std::max(attempts.failure_share, 1e-12))) {}

  void draw(Random& random, Drawn& out) {
    out.table = {};
    out.table.size = 1;
    out.values.clear();
    out.outcomes = {};
    Counts counts;
    const std::uint32_t failures = attempts_.failure_share > 0 ? failures_.draw(random) : 0;
    counts.events = attempts_.n;
    if (attempts_.sampling == Sampling::kAll) {
      draw_times(random, attempts_.n - failures);
      counts.successes = (attempts_.n - failures) * std::uint64_t{kWeightMin};
      counts.failures = failures * std::uint64_t{kWeightMin};
    } else {
      for (std::uint32_t i = 0; i < attempts_.n; ++i) {
        draw_weighted(random, i >= failures, counts, out);
      }
    }
    counts.total = counts.successes + counts.failures;
    const Sketch sketch = builder_.build();
    out.table.counts = {counts};
    out.table.sketches = {{sketch}};
    out.table.success_sketches = {{sketch}};
  }

 private:
  void draw_times(Random& random, std::uint32_t count) {
    if (attempts_.times == nullptr) return;
    buffer_.resize(count);
    for (std::uint32_t& value : buffer_) value = attempts_.times->draw(random);
    builder_.add(buffer_);
  }

  void draw_weighted(Random& random, bool success, Counts& counts, Drawn& out) {
    constexpr double kReported = 0.1;
    if (attempts_.sampling == Sampling::kByOutcome && success && !random.chance(kReported)) return;
    const std::uint32_t weight = weight_of(attempts_.sampling, success, random);
    (success ? counts.successes : counts.failures) += weight;
    add(out.outcomes, success, weight);
    if (!success || attempts_.times == nullptr) return;
    const std::uint32_t value = attempts_.times->draw(random);
    builder_.add(value, weight);
    out.values.emplace_back(value, weight);
  }

  Attempts attempts_;
  Population failures_;
  SketchBuilder builder_;
  std::vector<std::uint32_t> buffer_;
};

Judged judged(const std::string& name) {
  if (name == "success_rate") return {Judged::Kind::kSuccessRate, name, {}};
  const double number = std::stod(name.substr(name.find_first_of("0123456789")));
  if (name.rfind("below", 0) == 0) return {Judged::Kind::kFractionBelow, name, "m", number};
  const bool attempts = name.find("attempts") != std::string::npos;
  return {attempts ? Judged::Kind::kQuantileOfAttempts : Judged::Kind::kQuantile, name, "m",
          number / 100};
}

double truth(const Judged& item, const Attempts& attempts) {
  switch (item.kind) {
    case Judged::Kind::kSuccessRate:
      return 1 - attempts.failure_share;
    case Judged::Kind::kFractionBelow:
      return attempts.times->share_below(item.parameter);
    case Judged::Kind::kQuantileOfAttempts:
      return attempts.times->quantile(item.parameter / (1 - attempts.failure_share));
    default:
      return attempts.times->quantile(item.parameter);
  }
}

Figures figures(const Judged& item, const Attempts& attempts, const Drawn& drawn) {
  if (attempts.sampling == Sampling::kAll) return figures_of(item, drawn.table, 0, nullptr);
  if (item.kind == Judged::Kind::kSuccessRate) {
    return figures_of(item, drawn.table, 0, &drawn.outcomes);
  }
  const double point = figures_of(item, drawn.table, 0, nullptr).value.value_or(0);
  WeightSums sums;
  for (const auto& [value, weight] : drawn.values) {
    const bool below = item.kind == Judged::Kind::kFractionBelow;
    add(sums, below ? value < item.parameter : value <= point, weight);
  }
  return figures_of(item, drawn.table, 0, &sums);
}

double rarer(const Judged& item, const Attempts& attempts) {
  const double share = item.quantile() ? item.parameter : truth(item, attempts);
  return attempts.n * std::min(share, 1 - share);
}

}  // namespace

std::vector<CellResult> simulate(const Setting& setting,
                                 const std::vector<std::string>& aggregates) {
  std::vector<Judged> items;
  std::vector<CellResult> cells;
  for (const std::string& name : aggregates) {
    items.push_back(judged(name));
    CellResult& cell = cells.emplace_back();
    cell.setting = setting.name;
    cell.aggregate = name;
    cell.n = setting.baseline.n;
    cell.runs = setting.runs;
    cell.expected =
        std::min(rarer(items.back(), setting.baseline), rarer(items.back(), setting.candidate));
  }
  Random random(setting.seed);
  Drawer draw_baseline(setting.baseline), draw_candidate(setting.candidate);
  Drawn before, after;
  for (std::size_t run = 0; run < setting.runs; ++run) {
    draw_baseline.draw(random, before);
    draw_candidate.draw(random, after);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Figures b = figures(items[i], setting.baseline, before);
      const Figures c = figures(items[i], setting.candidate, after);
      if (!b.estimate || !c.estimate) continue;
      const auto range = interval_at(b.estimate, c.estimate, *c.value - *b.value, setting.alpha);
      if (!range) continue;
      const double difference =
          truth(items[i], setting.candidate) - truth(items[i], setting.baseline);
      ++cells[i].answered;
      cells[i].coverage += range->lower <= difference && difference <= range->upper ? 1 : 0;
      cells[i].seen += range->lower > 0 || range->upper < 0 ? 1 : 0;
    }
  }
  for (CellResult& cell : cells) {
    const double answered = static_cast<double>(std::max<std::size_t>(cell.answered, 1));
    cell.coverage /= answered;
    cell.seen /= answered;
  }
  return cells;
}

std::string complaint(const CellResult& cell, bool upper) {
  if (cell.answered == 0) return {};
  if (cell.coverage < kCoverageMin) return "covers too seldom: " + row_text(cell);
  if (upper && cell.expected >= kExpectedMin && cell.coverage > kCoverageMax) {
    return "covers too often: " + row_text(cell);
  }
  return {};
}

std::string row_text(const CellResult& cell) {
  char text[200];
  if (cell.answered == 0) {
    std::snprintf(text, sizeof text, "%-28s %-16s %6u %7zu   too few", cell.setting.c_str(),
                  cell.aggregate.c_str(), cell.n, cell.runs);
    return text;
  }
  std::snprintf(text, sizeof text, "%-28s %-16s %6u %7zu   %.4f   %.4f", cell.setting.c_str(),
                cell.aggregate.c_str(), cell.n, cell.answered, cell.coverage, cell.seen);
  return text;
}

}  // namespace kpi::test
