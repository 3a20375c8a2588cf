// Chunks of sign-ins as browsers report them: bytes an event, encoding and decoding.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "engine/chunk/chunk.h"
#include "engine/chunk/rice.h"

namespace {

constexpr std::int64_t kDay = 20'746 * kpi::kDayMs;
constexpr kpi::ResidualRule kRule{7, {1, 5, 6}};

std::uint32_t timing(std::mt19937_64& rng, double median, double sigma) {
  std::lognormal_distribution<double> draw(std::log(median), sigma);
  return std::max(1U, static_cast<std::uint32_t>(std::min(draw(rng), 600'000.0) + 0.5));
}

// Seven timings of each success, the last the sum of three; 8 % failures; a whole day.
kpi::EventColumns sign_ins(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  kpi::EventColumns events;
  const std::uint32_t codes[] = {101, 102, 103, 104, 105, 106, 201, 301};
  const double medians[] = {260, 90, 140, 70, 2800, 180};
  const double sigmas[] = {0.5, 0.45, 0.55, 0.4, 0.8, 0.5};
  std::bernoulli_distribution fails(0.08);
  std::vector<std::int64_t> times(count);
  for (auto& time : times) time = kDay + static_cast<std::int64_t>(rng() % kpi::kDayMs);
  std::sort(times.begin(), times.end());
  events.times_ms = times;
  events.measures.resize(7);
  for (std::uint32_t m = 0; m < 7; ++m) events.measures[m].id = m + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool failed = fails(rng);
    events.kinds.push_back(failed ? kpi::EventKind(kpi::Outcome::kFailure, kpi::UiShown::kUnknown,
                                                   {kpi::Dialect::kFedcm, codes[rng() % 8]})
                                  : kpi::EventKind(kpi::Outcome::kSuccess, kpi::UiShown::kUnknown));
    if (failed) continue;
    auto& m = events.measures;
    for (std::size_t k = 0; k < 6; ++k) m[k].values.push_back(timing(rng, medians[k], sigmas[k]));
    m[6].values.push_back(m[0].values.back() + m[4].values.back() + m[5].values.back());
    for (auto& measure : m) measure.rows.push_back(i);
  }
  return events;
}

void encode(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto events = sign_ins(count, 1);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = kpi::encode_chunk(events, kRule).size();
  const double n = static_cast<double>(count);
  state.counters["bytes_an_event"] = static_cast<double>(bytes) / n;
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(encode)->Arg(16)->Arg(384)->Arg(1536)->Arg(16'384);

void decode_all(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string bytes = kpi::encode_chunk(sign_ins(count, 1), kRule);
  kpi::ChunkSelection selection;
  selection.all_measures = true;
  kpi::EventColumns events;
  for (auto _ : state) {
    if (!kpi::decode_chunk(bytes, kDay, selection, &events).ok()) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(decode_all)->Arg(16)->Arg(384)->Arg(1536)->Arg(16'384);

void decode_turnaround(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string bytes = kpi::encode_chunk(sign_ins(count, 1), kRule);
  kpi::ChunkSelection selection;
  selection.measures = std::span(&kRule.target, 1);
  kpi::EventColumns events;
  for (auto _ : state) {
    if (!kpi::decode_chunk(bytes, kDay, selection, &events).ok()) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(decode_turnaround)->Arg(384)->Arg(1536);

void rice_encode(benchmark::State& state) {
  const auto values = sign_ins(static_cast<std::size_t>(state.range(0)), 2).measures[4].values;
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    kpi::append_rice(values, &bytes);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}
BENCHMARK(rice_encode)->Arg(31)->Arg(1000);

void rice_decode(benchmark::State& state) {
  auto values = sign_ins(static_cast<std::size_t>(state.range(0)), 2).measures[4].values;
  std::string bytes;
  kpi::append_rice(values, &bytes);
  for (auto _ : state) {
    kpi::ByteReader reader(bytes);
    if (!kpi::read_rice(reader, values.size(), values.data())) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}
BENCHMARK(rice_decode)->Arg(31)->Arg(1000);

}  // namespace
