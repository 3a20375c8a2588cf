// Cells: what a seal pays for them, and what merging and reading them costs.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/cell/cells_builder.h"
#include "engine/cell/counts_value.h"
#include "engine/cell/merge.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/key/partition.h"

namespace kpi {
namespace {

constexpr std::size_t kEvents = 1'000'000, kSeries = 2'000, kMeasures = 7, kDays = 3;
constexpr std::size_t kEventsPerDay = kEvents / kDays + 1;
constexpr std::size_t kDenseEvents = 24 * 16;

// kDays days of kSeries series by Zipf; 8 % failures without measures; log-normal timings.
class Workload {
 public:
  Workload() : days_(kDays, std::vector<EventColumns>(kSeries)) {
    std::vector<double> weights(kSeries);
    for (std::size_t i = 0; i < kSeries; ++i) weights[i] = 1.0 / static_cast<double>(i + 1);
    std::discrete_distribution<std::size_t> pick(weights.begin(), weights.end());
    for (std::size_t i = 0; i < kEvents; ++i) {
      add(i / kEventsPerDay, i % kEventsPerDay, pick(rng_));
    }
    for (auto& day : days_) {
      for (EventColumns& events : day) {
        std::erase_if(events.measures, [](const auto& m) { return m.values.empty(); });
      }
    }
  }
  const std::vector<std::vector<EventColumns>>& days() const { return days_; }

 private:
  void add(std::size_t day, std::size_t nth, std::size_t series) {
    EventColumns& events = days_[day][series];
    if (events.measures.empty()) {
      for (std::uint32_t id = 1; id <= kMeasures; ++id) events.measures.push_back({id, {}, {}});
    }
    const auto row = static_cast<std::uint32_t>(events.size());
    const auto day_part = static_cast<double>(nth) / static_cast<double>(kEventsPerDay);
    events.times_ms.push_back(static_cast<std::int64_t>(day) * kDayMs +
                              static_cast<std::int64_t>(day_part * (kDayMs - 1)));
    if (rng_() % 100 < 8) {
      const auto code = static_cast<std::uint32_t>(101 + rng_() % 6);
      events.kinds.push_back({Outcome::kFailure, UiShown::kUnknown, {Dialect::kFedcm, code}});
      return;
    }
    events.kinds.push_back({Outcome::kSuccess, UiShown::kUnknown});
    for (auto& measure : events.measures) {
      std::lognormal_distribution<double> timing(4.5 + 0.5 * measure.id, 0.5);
      measure.values.push_back(static_cast<std::uint32_t>(std::min(timing(rng_), 600'000.0)));
      measure.rows.push_back(row);
    }
  }

  std::mt19937_64 rng_{1};
  std::vector<std::vector<EventColumns>> days_;
};

void seal_cells(benchmark::State& state) {
  static const Workload workload;
  std::size_t keys = 0, bytes = 0;
  CellsBuilder builder([&](std::string_view key, std::string_view value) {
    ++keys;
    bytes += key.size() + value.size();
  });
  for (auto _ : state) {
    keys = bytes = 0;
    for (std::size_t day = 0; day < kDays; ++day) {
      builder.begin_day(static_cast<std::uint16_t>(day));
      for (std::uint32_t series = 0; series < kSeries; ++series) {
        const EventColumns& events = workload.days()[day][series];
        builder.add_series(1 + series / 2, series + 1, events, events.size() >= kDenseEvents);
      }
      builder.end_day();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kEvents) * state.iterations());
  state.counters["keys"] = static_cast<double>(keys);
  state.counters["bytes_an_event"] = static_cast<double>(bytes) / static_cast<double>(kEvents);
}
BENCHMARK(seal_cells)->Unit(benchmark::kMillisecond);

std::string sketches_of(std::uint32_t bucket_begin, std::uint32_t buckets, std::uint32_t values,
                        std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::lognormal_distribution<double> timing(8, 0.5);
  SketchesWriter writer;
  SketchBuilder builder;
  writer.begin();
  for (std::uint32_t measure = 1; measure <= kMeasures; ++measure) {
    writer.begin_column({measure, Outcome::kSuccess});
    for (std::uint32_t bucket = 0; bucket < buckets; ++bucket) {
      for (std::uint32_t i = 0; i < values; ++i)
        builder.add(static_cast<std::uint32_t>(timing(rng)));
      writer.add(bucket_begin + bucket, builder.build().bytes());
    }
  }
  return std::string(writer.finish());
}

// 100,000 sketches of 20 values that all meet in 7 buckets.
void merge_small_sketches(benchmark::State& state) {
  std::vector<std::string> values;
  for (std::uint64_t i = 0; i < 100'000 / kMeasures; ++i)
    values.push_back(sketches_of(0, 1, 20, i));
  const std::vector<std::string_view> views(values.begin(), values.end());
  std::string merged;
  for (auto _ : state) benchmark::DoNotOptimize(merge_sketches(views, &merged).ok());
}
BENCHMARK(merge_small_sketches)->Unit(benchmark::kMillisecond);

// The minutes of a day, sealed by the hour: nothing meets, all is copied.
void merge_hours_of_minutes(benchmark::State& state) {
  std::vector<std::string> values;
  for (std::uint32_t hour = 0; hour < 24; ++hour)
    values.push_back(sketches_of(hour * 60, 60, 200, hour));
  const std::vector<std::string_view> views(values.begin(), values.end());
  std::string merged;
  for (auto _ : state) benchmark::DoNotOptimize(merge_sketches(views, &merged).ok());
  state.counters["bytes"] = static_cast<double>(merged.size());
}
BENCHMARK(merge_hours_of_minutes)->Unit(benchmark::kMicrosecond);

// One measure out of a hot series' day of hours: what a month of them asks for thirty times.
void find_one_measure(benchmark::State& state) {
  const std::string value = sketches_of(0, 24, 1000, 1);
  for (auto _ : state) {
    const auto reader = SketchesReader::open(value);
    SketchBuckets buckets = reader.value().find({kMeasures, Outcome::kSuccess});
    std::size_t bytes = 0;
    while (buckets.next()) bytes += buckets.sketch().size();
    benchmark::DoNotOptimize(bytes);
  }
  state.counters["bytes"] = static_cast<double>(value.size());
}
BENCHMARK(find_one_measure);

std::string slab_of_all() {
  SlabWriter writer;
  writer.begin();
  for (std::uint32_t i = 0; i < kSeriesPerSlab; ++i) {
    const std::uint64_t events = 1 + i * 37 % 300, failures = events / 12;
    writer.add({i, {events, events * 1000, (events - failures) * 1000, failures * 1000, 0}});
  }
  return std::string(writer.finish());
}

void read_slab(benchmark::State& state) {
  const std::string value = slab_of_all();
  for (auto _ : state) {
    auto reader = SlabReader::open(value);
    std::uint64_t failures = 0;
    for (SlabEntry entry; reader.value().next(&entry);) failures += entry.counts.failures;
    benchmark::DoNotOptimize(failures);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kSeriesPerSlab) * state.iterations());
  state.counters["bytes_a_series"] = static_cast<double>(value.size()) / kSeriesPerSlab;
}
BENCHMARK(read_slab);

void merge_24_slabs(benchmark::State& state) {
  const std::string value = slab_of_all();
  const std::vector<std::string_view> views(24, value);
  std::string merged;
  for (auto _ : state) benchmark::DoNotOptimize(merge_slabs(views, &merged).ok());
  state.SetItemsProcessed(static_cast<std::int64_t>(24 * kSeriesPerSlab) * state.iterations());
}
BENCHMARK(merge_24_slabs)->Unit(benchmark::kMicrosecond);

void read_hours_of_counts(benchmark::State& state) {
  CountsWriter writer;
  writer.begin();
  for (std::uint32_t hour = 0; hour < 24; ++hour) {
    CountsCell cell = {{{Outcome::kSuccess, UiShown::kUnknown}, 900, 900'000}};
    for (std::uint32_t code = 101; code < 109; ++code) {
      cell.push_back({{Outcome::kFailure, UiShown::kUnknown, {Dialect::kFedcm, code}}, 10, 10'000});
    }
    fold_counts(&cell);
    writer.add(hour, cell);
  }
  const std::string value(writer.finish());
  for (auto _ : state) {
    auto reader = CountsReader::open(value);
    std::uint64_t weight = 0;
    while (reader.value().next()) {
      for (KindCount count; reader.value().next_kind(&count);) weight += count.weight;
    }
    benchmark::DoNotOptimize(weight);
  }
  state.SetItemsProcessed(24 * state.iterations());
}
BENCHMARK(read_hours_of_counts);

}  // namespace
}  // namespace kpi

BENCHMARK_MAIN();
