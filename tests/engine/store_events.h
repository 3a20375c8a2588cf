// Engines and batches of a few plain events, for tests that are not about the events.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "kpi/engine.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {

inline constexpr std::int64_t kNow = 1'795'000'000'000;  // 2026-11-18

inline EngineOptions options_in(const TempDir& dir) {
  EngineOptions options;
  options.dir = dir.path() / "store";
  options.durability = Durability::kOs;
  options.now_ms = [] { return kNow; };
  return options;
}

inline std::unique_ptr<Engine> open(const EngineOptions& options) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(options);
  if (engine.ok()) return std::move(engine).value();
  ADD_FAILURE() << engine.error().message;
  return nullptr;
}

inline std::unique_ptr<Engine> open_to_read(const TempDir& dir) {
  EngineOptions options = options_in(dir);
  options.read_only = true;
  return open(options);
}

inline Event plain_event(std::int64_t time_ms) {
  Event event;
  event.time_ms = time_ms;
  event.rp = "https://a";
  event.client = "c";
  event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
  return event;
}

// Events one ms apart.
inline Batch batch_of(int events, std::int64_t first_ms = kNow - kHourMs) {
  Batch batch;
  for (int i = 0; i < events; ++i) EXPECT_TRUE(batch.add(plain_event(first_ms + i)).ok());
  return batch;
}

inline std::uint64_t count(const Store& store) {
  const auto result = store.view().value()->aggregate({});
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return 0;
  }
  return result.value().size == 0 ? 0 : result.value().counts[0].events;
}

// What the error of a call that must fail says.
template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorCode::kIo : result.error().code;
}

}  // namespace kpi::test
