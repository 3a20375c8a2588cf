// Two days of made-up sign-ins: two RPs, one event each a quarter of an hour.
#pragma once
#include <string>
#include <vector>

#include "tests/support/model_store.h"

namespace kpi::test {

inline constexpr std::int64_t kSampleBeginMs = 1'795'305'600'000;  // 2026-11-22 00:00:00 UTC
inline constexpr int kSampleQuarters = 192;

inline std::vector<ModelEvent> sample_events() {
  std::vector<ModelEvent> events;
  for (int i = 0; i < kSampleQuarters; ++i) {
    for (const char* rp : {"https://a.example", "https://b.example"}) {
      ModelEvent event;
      event.time_ms = kSampleBeginMs + i * 15 * kMinuteMs;
      event.rp = rp;
      event.client = "client1";
      const bool failed = i % 8 == 7;
      event.kind = failed ? EventKind(Outcome::kFailure, UiShown::kYes, {Dialect::kFedcm, 106})
                          : EventKind(Outcome::kSuccess, UiShown::kYes);
      if (!failed) {
        event.measures = {{"turnaround_time", static_cast<std::uint32_t>(100 + i)},
                          {"slow", static_cast<std::uint32_t>(i)}};
      }
      event.labels = {{"browser", i % 2 == 0 ? "chrome" : "edge"}};
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace kpi::test
