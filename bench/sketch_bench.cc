// The sketch: a value in, many merged, quantiles out, and how many bytes a sketch takes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/sketch/sketch_view.h"
#include "kpi/sketch.h"

namespace {

// What timings are like: log-normal, some seconds, ten minutes at most.
std::vector<std::uint32_t> timings(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::lognormal_distribution<double> timing(std::log(2800.0), 0.8);
  std::vector<std::uint32_t> values(count);
  for (auto& value : values) value = static_cast<std::uint32_t>(std::min(timing(rng), 600'000.0));
  return values;
}

kpi::Sketch sketch_of(std::size_t count, std::uint64_t seed) {
  kpi::SketchBuilder builder;
  builder.add(timings(count, seed));
  return builder.build();
}

void add_value(benchmark::State& state) {
  const auto values = timings(1 << 16, 1);
  kpi::SketchBuilder builder;
  for (auto _ : state) {
    for (const std::uint32_t value : values) builder.add(value);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
  benchmark::DoNotOptimize(builder.build());
}
BENCHMARK(add_value);

void add_span(benchmark::State& state) {
  const auto values = timings(1 << 16, 1);
  kpi::SketchBuilder builder;
  for (auto _ : state) builder.add(values);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
  benchmark::DoNotOptimize(builder.build());
}
BENCHMARK(add_span);

// What the seal does: many small sketches from one builder. `bytes` is the size of a sketch.
void build_small(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto values = timings(count * 64, 2);
  kpi::SketchBuilder builder;
  std::size_t bytes = 0, built = 0;
  for (auto _ : state) {
    builder.add(std::span(values).subspan(built++ % 64 * count, count));
    bytes += builder.build().bytes().size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(built);
}
BENCHMARK(build_small)->Arg(1)->Arg(5)->Arg(16)->Arg(20)->Arg(50)->Arg(200)->Arg(1000)->Arg(15'625);

void merge_many(benchmark::State& state) {
  std::vector<kpi::Sketch> sketches;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    sketches.push_back(sketch_of(static_cast<std::size_t>(state.range(0)), i));
  }
  kpi::SketchBuilder builder;
  for (auto _ : state) {
    for (const auto& sketch : sketches) {
      if (!builder.merge_bytes(sketch.bytes()).ok()) state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(builder.build());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sketches.size()));
}
BENCHMARK(merge_many)->Arg(5)->Arg(20)->Unit(benchmark::kMillisecond);

void three_quantiles(benchmark::State& state) {
  const kpi::Sketch sketch = sketch_of(static_cast<std::size_t>(state.range(0)), 3);
  for (auto _ : state) {
    const kpi::SketchView view = kpi::SketchView::parse(sketch.bytes()).value();
    for (const double q : {0.5, 0.95, 0.99}) benchmark::DoNotOptimize(view.quantile(q));
  }
}
BENCHMARK(three_quantiles)->Arg(5)->Arg(20)->Arg(1000)->Arg(1'000'000);

void decode(benchmark::State& state) {
  const kpi::Sketch sketch = sketch_of(static_cast<std::size_t>(state.range(0)), 3);
  for (auto _ : state) benchmark::DoNotOptimize(kpi::Sketch::decode(sketch.bytes()).ok());
  state.counters["bytes"] = static_cast<double>(sketch.bytes().size());
}
BENCHMARK(decode)->Arg(20)->Arg(1000)->Arg(1'000'000);

}  // namespace
