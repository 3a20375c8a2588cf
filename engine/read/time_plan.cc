#include "engine/read/time_plan.h"

#include <algorithm>
#include <optional>

#include "engine/key/partition.h"
#include "engine/read/filter.h"

namespace kpi {
namespace {

struct Level {
  Source source;
  std::int64_t width_ms;
  std::uint16_t horizon;
};
struct Part {
  std::optional<Source> source;  // Nothing: no data can answer it.
  TimeRange range;
};

class Planner {
 public:
  explicit Planner(const TimePlanInput& input) : input_(input) {}

  std::vector<Part> cover() {
    std::vector<std::int64_t> cuts = {input_.range.begin_ms, input_.range.end_ms};
    const Horizons& horizons = input_.horizons;
    for (const std::uint16_t day : {horizons.raw, horizons.minute, horizons.hour, horizons.day}) {
      const std::int64_t at = day_begin_ms(day);
      if (at > input_.range.begin_ms && at < input_.range.end_ms) cuts.push_back(at);
    }
    if (input_.label_day) {
      const std::int64_t at = *input_.label_day * kDayMs;
      if (at > input_.range.begin_ms && at < input_.range.end_ms) cuts.push_back(at);
    }
    std::sort(cuts.begin(), cuts.end());
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      levels_ = levels_from(cuts[i]);
      cover({cuts[i], cuts[i + 1]}, 0);
    }
    return std::move(parts_);
  }

 private:
  // Coarse to fine; `begin_ms` is where a stretch begins that no horizon cuts.
  std::vector<Level> levels_from(std::int64_t begin_ms) const {
    std::vector<Level> levels;
    const Horizons& horizons = input_.horizons;
    if (!input_.cells) {
      const bool complete = input_.label_day && begin_ms >= *input_.label_day * kDayMs &&
                            begin_ms >= day_begin_ms(horizons.day);
      if (complete && input_.buckets.align_with(kDayMs)) {
        levels.push_back({Source::kLabelCells, kDayMs, horizons.day});
      }
      return levels;
    }
    const Level all[] = {{Source::kDayCells, kDayMs, horizons.day},
                         {Source::kHourCells, kHourMs, horizons.hour},
                         {Source::kMinuteCells, kMinuteMs, horizons.minute}};
    for (const Level& level : all) {
      if (level.source == Source::kMinuteCells && !input_.all_rps) continue;
      if (begin_ms < day_begin_ms(level.horizon)) continue;
      if (input_.buckets.align_with(level.width_ms)) levels.push_back(level);
    }
    return levels;
  }

  void cover(TimeRange range, std::size_t level) {
    if (range.empty()) return;
    if (level == levels_.size()) {
      const bool kept = range.begin_ms >= day_begin_ms(input_.horizons.raw);
      add(kept ? std::optional(Source::kChunks) : std::nullopt, range);
      return;
    }
    const std::int64_t width = levels_[level].width_ms;
    const std::int64_t begin = (range.begin_ms + width - 1) / width * width;
    const std::int64_t end = range.end_ms / width * width;
    if (begin >= end) return cover(range, level + 1);
    cover({range.begin_ms, begin}, level + 1);
    add(levels_[level].source, {begin, end});
    cover({end, range.end_ms}, level + 1);
  }

  void add(std::optional<Source> source, TimeRange range) {
    if (!parts_.empty() && parts_.back().source == source) {
      parts_.back().range.end_ms = range.end_ms;
    } else {
      parts_.push_back({source, range});
    }
  }

  const TimePlanInput& input_;
  std::vector<Level> levels_;
  std::vector<Part> parts_;
};

}  // namespace

TimeBuckets::TimeBuckets(std::int64_t width_ms, std::int64_t origin_ms)
    : width_ms_(width_ms), origin_ms_(0) {
  if (width_ms == 0) return;
  origin_ms_ = origin_ms % width_ms;
  if (origin_ms_ < 0) origin_ms_ += width_ms;
}

std::int64_t TimeBuckets::begin_of(std::int64_t time_ms) const {
  if (width_ms_ == 0) return 0;
  const std::int64_t since = time_ms - origin_ms_;
  const std::int64_t index = since >= 0 ? since / width_ms_ : -((-since - 1) / width_ms_) - 1;
  return index * width_ms_ + origin_ms_;
}

bool TimeBuckets::align_with(std::int64_t cell_width_ms) const {
  return width_ms_ % cell_width_ms == 0 && origin_ms_ % cell_width_ms == 0;
}

const char* to_string(Source source) {
  switch (source) {
    case Source::kSlabs:
    case Source::kDayCells:
      return "day cells";
    case Source::kLabelCells:
      return "label day cells";
    case Source::kHourCells:
      return "hour cells";
    case Source::kMinuteCells:
      return "minute cells";
    case Source::kSparseChunks:
    case Source::kChunks:
      return "chunks";
    case Source::kLive:
      break;
  }
  return "live";
}

TimePlan plan_time(const TimePlanInput& input) {
  TimePlan plan;
  std::vector<Part> parts = Planner(input).cover();
  while (!parts.empty() && !parts.back().source) parts.pop_back();
  std::size_t first = parts.size();
  while (first > 0 && parts[first - 1].source) --first;
  if (first == parts.size()) {
    plan.covered = {input.range.end_ms, input.range.end_ms};
    return plan;
  }
  plan.covered = {parts[first].range.begin_ms, parts.back().range.end_ms};
  const TimeRange raw = {day_begin_ms(input.horizons.raw), input.range.end_ms};
  for (std::size_t i = first; i < parts.size(); ++i) {
    plan.steps.push_back({*parts[i].source, parts[i].range});
    // Before the raw horizon every series has hour cells: retention wrote what was missing.
    const TimeRange sparse = intersect(parts[i].range, raw);
    if (!input.all_rps && parts[i].source == Source::kHourCells && !sparse.empty()) {
      plan.steps.push_back({Source::kSparseChunks, sparse});
    }
  }
  return plan;
}

}  // namespace kpi
