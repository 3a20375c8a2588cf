// Turns what was read (events, kinds of cells, counts of slabs, sketches) into the groups of an
// answer.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cell/counts_value.h"
#include "engine/chunk/chunk.h"
#include "engine/dictionary/dictionary.h"
#include "engine/read/condition.h"
#include "engine/read/filter.h"
#include "engine/read/group_keys.h"
#include "engine/read/group_table.h"
#include "engine/read/series_set.h"
#include "engine/read/sketch_table.h"
#include "engine/read/time_plan.h"
#include "kpi/store.h"

namespace kpi {

// One request's; not thread-safe. All arguments of the constructor outlive it.
class Accumulator {
 public:
  Accumulator(const AggregateRequest& request, const Filter& filter, const Dictionary& dictionary);

  // What the measures' values are wanted of, each id once, ascending: the columns of sketches.
  const std::vector<std::uint32_t>& measures() const { return measures_; }
  // The columns of a chunk that add_events() looks at. Lives as long as this.
  ChunkSelection chunk_selection() const;
  // Whether a kind meets the conditions, as far as a kind and the series decide it.
  bool wants(EventKind kind) { return kind_info(kind).wanted; }
  // A series' dense key among groups; series of one key fall into the same groups.
  std::uint32_t series_key(SeriesRef series) { return keys_.of_series(series.rp, series.series); }

  // The begin of the time bucket that holds `time_ms`.
  std::int64_t bucket_of(std::int64_t time_ms) const { return buckets_.begin_of(time_ms); }

  // What is added next is of this series; {0, 0}: of all.
  void begin_series(SeriesRef series);
  // What is added next from cells is of the events with this value of the one label that the
  // request asks by; 0: of those without it. False: none of them meets the conditions.
  bool begin_label(std::uint32_t value_id);
  // Of the time bucket that holds `time_ms`.
  void add_kind(std::int64_t time_ms, const KindCount& count);
  void add_counts(std::int64_t time_ms, std::uint32_t series_key, const Counts& counts);
  Status add_sketch(std::int64_t time_ms, std::size_t measure, Outcome outcome,
                    std::string_view bytes);
  // Those within `range` that meet the conditions.
  Status add_events(const EventColumns& events, TimeRange range);
  // kLimitExceeded once there were too many groups: what was added is then incomplete.
  Status status() const;

  // The answer, but for covered and steps. Ends the accumulator's life.
  Result<AggregateResult> finish();

 private:
  struct KindInfo {
    bool wanted = false;
    std::uint32_t key = 0;
  };
  struct Entry {
    std::uint32_t group, value, weight;
  };

  const KindInfo& kind_info(EventKind kind);
  std::uint32_t group_at(std::int64_t time_ms, const GroupParts& parts);
  void select(const EventColumns& events, TimeRange range);
  void count_events(const EventColumns& events);
  Status add_measure(std::size_t measure, const EventColumns& events,
                     const EventColumns::Measure& values);
  void gather(const EventColumns& events, const EventColumns::Measure& values);

  const AggregateRequest& request_;
  const Dictionary& dictionary_;
  const TimeBuckets buckets_;
  const bool kind_needs_series_;
  Condition kind_condition_, event_condition_;
  std::vector<std::uint32_t> measures_;
  std::vector<std::optional<std::size_t>> column_of_request_;  // Index in measures_.
  std::vector<std::uint32_t> chunk_measures_;
  bool chunk_labels_ = false;

  GroupKeys keys_;
  GroupTable groups_;
  std::optional<SketchTable> sketches_;
  bool over_limit_ = false;

  std::uint32_t series_key_ = 0, label_key_ = 0;
  std::optional<std::uint32_t> label_value_;
  std::unordered_map<std::uint32_t, KindInfo> kinds_;  // By packed kind; of this series.
  // Scratch of add_events(): one an event, then one a value.
  std::vector<std::uint8_t> selected_;
  std::vector<std::uint32_t> label_keys_, group_of_row_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> values_, weights_;
};

}  // namespace kpi
