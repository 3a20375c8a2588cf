// What the golden stores of every format version hold: 480 events of three RPs over five days, made
// by arithmetic alone, so that any program version makes the same.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kpi/batch.h"

namespace kpi::test {

inline constexpr std::int64_t kGoldenDayMs = 20'400 * kDayMs;  // 2025-11-08
inline constexpr int kGoldenDays = 5, kGoldenEvents = 480, kGoldenBatches = 8;
inline constexpr int kGoldenSealed = 5;  // Batches; the others are in the journal.

struct GoldenEvent {
  explicit GoldenEvent(int i)
      : time_ms(kGoldenDayMs + i % kGoldenDays * kDayMs + i * 7919 % 1440 * kMinuteMs + i),
        rp("https://rp" + std::to_string(i % 3) + ".example"),
        client("client" + std::to_string(i % 2)),
        kind(i % 5 == 0 ? EventKind(Outcome::kFailure, UiShown::kYes, {Dialect::kFedcm, 101})
                        : EventKind(Outcome::kSuccess, UiShown::kUnknown)),
        weight(i % 7 == 0 ? 2500 : kWeightMin),
        turnaround_ms(static_cast<std::uint32_t>(300 + i * 37 % 4000)),
        browser(i % 4 == 0 ? "Firefox" : "Chrome") {}

  std::int64_t time_ms;
  std::string rp, client;
  EventKind kind;
  std::uint32_t weight, turnaround_ms;
  std::string browser;
};

inline Batch golden_batch(int number) {
  Batch batch;
  for (int i = number; i < kGoldenEvents; i += kGoldenBatches) {
    const GoldenEvent from(i);
    const NamedValue measures[] = {{"turnaround_time", from.turnaround_ms}};
    const NamedLabel labels[] = {{"browser", from.browser}};
    Event event;
    event.time_ms = from.time_ms;
    event.rp = from.rp;
    event.client = from.client;
    event.kind = from.kind;
    event.weight = from.weight;
    event.measures = measures;
    event.labels = labels;
    if (!batch.add(event).ok()) return Batch();
  }
  return batch;
}

}  // namespace kpi::test
