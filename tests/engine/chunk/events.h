// Events for tests of chunks: random ones of every shape, and what a chunk gives back of them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "engine/chunk/chunk.h"

namespace kpi {

inline constexpr std::int64_t kSomeDayMs = 20'746 * kDayMs;

inline std::uint32_t draw_timing(std::mt19937_64& rng, double median, double sigma) {
  std::lognormal_distribution<double> timing(std::log(median), sigma);
  return 1 + static_cast<std::uint32_t>(std::min(timing(rng), 600'000.0));
}

inline EventKind draw_kind(std::mt19937_64& rng, double failure_rate) {
  const auto ui = static_cast<UiShown>(rng() % 8 == 0 ? rng() % 3 : 2);
  if (std::bernoulli_distribution(failure_rate)(rng)) {
    const std::uint32_t codes[] = {101, 102, 105, 201, kErrorCodeMax};
    return {Outcome::kFailure, ui, {Dialect::kFedcm, codes[rng() % std::size(codes)]}};
  }
  return {rng() % 20 == 0 ? Outcome::kUnknown : Outcome::kSuccess, ui};
}

inline std::vector<std::uint32_t> successes_of(const EventColumns& events) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    if (events.kinds[i].outcome() == Outcome::kSuccess) rows.push_back(i);
  }
  return rows;
}

// Rows in the form that a decoder gives: empty where they are all.
inline void add_measure(EventColumns& events, std::uint32_t id, std::vector<std::uint32_t> values,
                        std::vector<std::uint32_t> rows) {
  if (values.empty()) return;
  if (rows.size() == events.size()) rows.clear();
  events.measures.push_back({id, std::move(values), std::move(rows)});
}

inline EventColumns draw_times_and_kinds(std::mt19937_64& rng, std::size_t count) {
  EventColumns events;
  const std::uint64_t spread = rng() % 4 == 0 ? 1 + rng() % 50 : static_cast<std::uint64_t>(kDayMs);
  const double failure_rate = static_cast<double>(rng() % 5) / 4;
  for (std::size_t i = 0; i < count; ++i) {
    events.times_ms.push_back(kSomeDayMs + static_cast<std::int64_t>(rng() % spread));
    events.kinds.push_back(draw_kind(rng, failure_rate));
  }
  std::sort(events.times_ms.begin(), events.times_ms.end());
  return events;
}

// Measures of every presence and of many distributions, labels and weights now and then.
inline EventColumns draw_events(std::mt19937_64& rng, std::size_t count) {
  EventColumns events = draw_times_and_kinds(rng, count);
  if (rng() % 3 == 0) {
    events.weights.assign(count, 2000);  // Not all 1000: those come back empty.
    for (auto& weight : events.weights) weight *= 1 + static_cast<std::uint32_t>(rng() % 3);
  }
  for (std::uint32_t name = 3; rng() % 3 != 0; name += 1 + static_cast<std::uint32_t>(rng() % 9)) {
    auto& label = events.labels.emplace_back();
    label.name_id = name;
    const std::uint64_t distinct = 1 + rng() % 6;
    for (std::size_t i = 0; i < count; ++i) {
      label.value_ids.push_back(static_cast<std::uint32_t>(rng() % distinct * 1000));
    }
  }
  std::vector<std::uint32_t> list_before;
  for (std::uint32_t id = 1; rng() % 8 != 0; id += 1 + static_cast<std::uint32_t>(rng() % 300)) {
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), 0);
    const auto presence = rng() % 4;
    if (presence == 1) rows = successes_of(events);
    if (presence == 2) std::erase_if(rows, [&](std::uint32_t) { return rng() % 3 != 0; });
    if (presence == 2) list_before = rows;
    if (presence == 3) rows = list_before;
    std::vector<std::uint32_t> values(rows.size());
    const int shift = static_cast<int>(rng() % 33);
    for (auto& value : values) value = static_cast<std::uint32_t>((rng() & 0xFFFFFFFF) >> shift);
    add_measure(events, id, std::move(values), std::move(rows));
  }
  return events;
}

inline constexpr ResidualRule kTurnaroundRule{7, {1, 5, 6}};

// As browsers report them: seven timings of each success, the last the sum of three.
inline EventColumns draw_sign_ins(std::mt19937_64& rng, std::size_t count) {
  EventColumns events;
  for (std::size_t i = 0; i < count; ++i) {
    events.times_ms.push_back(kSomeDayMs + static_cast<std::int64_t>(rng() % kDayMs));
    const bool failure = std::bernoulli_distribution(0.08)(rng);
    const std::uint32_t codes[] = {101, 102, 103, 104, 105, 106, 201, 301};
    events.kinds.push_back(failure ? EventKind(Outcome::kFailure, UiShown::kUnknown,
                                               {Dialect::kFedcm, codes[rng() % 8]})
                                   : EventKind(Outcome::kSuccess, UiShown::kUnknown));
  }
  std::sort(events.times_ms.begin(), events.times_ms.end());
  const auto rows = successes_of(events);
  const double medians[] = {260, 90, 140, 70, 2800, 180}, sigmas[] = {.5, .45, .55, .4, .8, .5};
  std::vector<std::uint32_t> columns[7];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t m = 0; m < 6; ++m)
      columns[m].push_back(draw_timing(rng, medians[m], sigmas[m]));
    columns[6].push_back(columns[0][i] + columns[4][i] + columns[5][i]);
  }
  for (std::uint32_t m = 0; m < 7; ++m) add_measure(events, m + 1, columns[m], rows);
  return events;
}

inline bool same(const EventColumns& a, const EventColumns& b) {
  const auto measure = [](const EventColumns::Measure& x, const EventColumns::Measure& y) {
    return x.id == y.id && x.values == y.values && x.rows == y.rows;
  };
  const auto label = [](const EventColumns::Label& x, const EventColumns::Label& y) {
    return x.name_id == y.name_id && x.value_ids == y.value_ids;
  };
  return a.times_ms == b.times_ms && a.kinds == b.kinds && a.weights == b.weights &&
         std::equal(a.measures.begin(), a.measures.end(), b.measures.begin(), b.measures.end(),
                    measure) &&
         std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end(), label);
}

}  // namespace kpi
