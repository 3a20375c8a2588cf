// Which kind of data answers which part of a time range: the coarsest cells that are exact, finer
// ones at the edges, raw chunks where only they can. Pure functions of times; no I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/read/read_source.h"
#include "kpi/event.h"

namespace kpi {

// [origin + k * width, origin + (k + 1) * width) for every integer k; width 0: one bucket.
class TimeBuckets {
 public:
  // width_ms >= 0.
  TimeBuckets(std::int64_t width_ms, std::int64_t origin_ms);
  // The begin of the bucket that holds `time_ms`, which is 0..kTimeMsMax; 0 where there is one.
  std::int64_t begin_of(std::int64_t time_ms) const;
  // True where no cell of that width, aligned to the epoch, lies in two buckets.
  bool align_with(std::int64_t cell_width_ms) const;

 private:
  std::int64_t width_ms_, origin_ms_;  // The origin within [0, width).
};

enum class Source : std::uint8_t {
  kSlabs,  // Day cells of all series' counts.
  kDayCells,
  kLabelCells,  // Day cells of one label's values.
  kHourCells,
  kMinuteCells,
  kSparseChunks,  // Those whose events are in no hour cell.
  kChunks,        // All.
  kLive,
};
// "day cells", "label day cells", "hour cells", "minute cells", "chunks" or "live".
const char* to_string(Source source);

struct TimeStep {
  Source source = Source::kChunks;
  TimeRange range;
  auto operator<=>(const TimeStep&) const = default;
};

struct TimePlan {
  std::vector<TimeStep> steps;  // By time; disjoint but for hour cells and their sparse chunks.
  TimeRange covered;            // What the steps answer; empty: nothing.
};

struct TimePlanInput {
  TimeRange range;  // Within 0..kTimeMsMax + 1.
  TimeBuckets buckets{0, 0};
  Horizons horizons;
  bool cells = true;    // False: only raw events can answer.
  bool all_rps = true;  // Cells of all RPs answer; else cells of series.
  // Where `cells` is false: the first day of which label cells can answer, if they can.
  std::optional<std::uint32_t> label_day = {};
};

// Where not all of the range can be answered: the latest contiguous part that can.
TimePlan plan_time(const TimePlanInput& input);

}  // namespace kpi
