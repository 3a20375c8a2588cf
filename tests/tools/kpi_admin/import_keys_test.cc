// A store that takes in events still knows the requests that it has answered.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "kpi/engine.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/temp_dir.h"
#include "tools/kpi_admin/archive/import_store.h"

namespace kpi::tools {
namespace {

// Promise P3: the keys of requests stay, also those that an import's own window would drop: that
// happens each second.
TEST(Import, OfEventsKeepsTheKeysOfRequests) {
  const TempDir dir;
  const std::filesystem::path to = dir.path() / "to", file = dir.path() / "events.ndjson";
  const auto now_ms = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const auto send = [&](std::int64_t at_ms) {
    EngineOptions options;
    options.dir = to;
    options.now_ms = [at_ms] { return at_ms; };
    options.dedup_window_ms = kDayMs;
    auto engine = Engine::open(std::move(options));
    EXPECT_TRUE(engine.ok()) << engine.error().message;
    CollectingSink sink;
    PendingAppend append;
    Event event;
    event.time_ms = now_ms();
    EXPECT_TRUE(append.batch.add(event).ok());
    append.request = {"key", 7, "stored"};
    append.sink = &sink;
    engine.value()->submit(&append);
    (void)sink.wait_for(1);
    EXPECT_TRUE(append.status.ok());
    EXPECT_EQ(append.request.answer, "stored");
    return append.seen;
  };
  EXPECT_EQ(send(now_ms() - 2 * kHourMs), RequestSeen::kFirst);
  std::uint64_t stored = 1;
  bool long_enough = false;
  for (std::uint64_t lines = 500; !long_enough; lines *= 2) {
    {
      std::ofstream out(file);
      for (std::uint64_t i = 0; i < lines; ++i) out << "{\"time\":" << i << "}\n";
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto imported = import_store({to, {}, file, 1, true}, {});
    ASSERT_TRUE(imported.ok()) << imported.error().message;
    stored += imported.value().events;
    long_enough = std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(1'800);
  }
  EXPECT_EQ(send(now_ms()), RequestSeen::kDuplicate);
  EngineOptions options;
  options.dir = to;
  options.read_only = true;
  const auto engine = Engine::open(std::move(options));
  ASSERT_TRUE(engine.ok());
  EXPECT_EQ(engine.value()->view().value()->aggregate({}).value().counts.at(0).events, stored);
}

}  // namespace
}  // namespace kpi::tools
