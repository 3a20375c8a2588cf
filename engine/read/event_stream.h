// The events of one series and day from several chunks and live rows, merged by time, each with
// its names.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/chunk/chunk.h"
#include "engine/dictionary/dictionary.h"
#include "engine/read/condition.h"
#include "engine/read/series_set.h"
#include "kpi/store.h"

namespace kpi {

// Names of ids, each asked of the dictionary once. Views live as long as the dictionary.
class NameCache {
 public:
  explicit NameCache(const Dictionary& dictionary) : dictionary_(dictionary) {}
  std::string_view measure(std::uint32_t id);
  std::string_view label(std::uint32_t id);
  std::string_view label_value(std::uint32_t id);

 private:
  const Dictionary& dictionary_;
  std::unordered_map<std::uint32_t, std::string_view> measures_, labels_, values_;
};

// Reusable: emit() empties it. Chunks are decoded one after another as their time comes, so it
// holds their bytes and, where they do not overlap, the events of one. Not thread-safe.
class EventStream {
 public:
  // Events that meet `condition` and lie within `range`. What is given outlives the stream.
  EventStream(TimeRange range, Condition* condition, NameCache* names)
      : range_(range), condition_(*condition), names_(*names) {}

  // kCorruption.
  Status add_chunk(std::string_view bytes, std::int64_t day_begin_ms);
  void add_rows(EventColumns events);  // Ascending by time.
  bool empty() const { return runs_.empty(); }

  // Hands all events to `sink`, ascending by time. False: the sink returned false.
  Result<bool> emit(std::string_view rp, std::string_view client, const EventSink& sink);

 private:
  struct Run {
    std::string bytes;  // Of a chunk that is not decoded yet.
    std::int64_t day_begin_ms = 0;
    bool decoded = false;
    std::int64_t next_ms = 0;  // Of the next event, or a bound below it.
    EventColumns events;
    std::vector<std::uint8_t> selected;
    std::size_t row = 0;
    std::vector<std::size_t> value_at;  // By measure: the first value of `row` or later.
  };

  void select(Run* run);
  bool settle(Run* run) const;
  Status decode(Run* run);
  void fill(Run* run, Event* event);
  Result<bool> emit_from(std::size_t run, Event* event, const EventSink& sink);

  const TimeRange range_;
  Condition& condition_;
  NameCache& names_;
  std::vector<Run> runs_;
  std::vector<NamedValue> measures_;
  std::vector<NamedLabel> labels_;
};

}  // namespace kpi
