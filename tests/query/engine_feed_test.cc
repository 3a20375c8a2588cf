// FOLLOW on the engine: what comes while one watches is what SELECT * lists afterwards.
#include <gtest/gtest.h>

#include <algorithm>

#include "kpi/engine.h"
#include "kpi/follow.h"
#include "kpi/query.h"
#include "tests/support/event_text.h"
#include "tests/support/temp_dir.h"

namespace kpi::query {
namespace {

using Rows = std::vector<std::vector<Value>>;

void append(Engine& engine, std::string_view line) {
  std::vector<test::ModelEvent> events;
  ASSERT_TRUE(test::parse_events(line, events));
  Batch batch;
  for (const test::ModelEvent& event : events) {
    test::visit(event, [&](const Event& named) {
      EXPECT_TRUE(batch.add(named).ok());
      return true;
    });
  }
  ASSERT_TRUE(engine.append(std::move(batch)).ok());
}

Statement parsed(const std::string& text) { return parse(text).value().at(0); }

TEST(EngineFeed, FollowsWhatSelectListsAfterwards) {
  const TempDir dir;
  EngineOptions options;
  options.dir = dir.path() / "data";
  options.durability = Durability::kOs;
  options.retention_raw_days = 0;
  auto engine = std::move(Engine::open(options)).value();
  append(*engine, "2026-11-20T09:00:00Z rp=https://a.example success");
  auto feed = follow(parsed("FOLLOW WHERE rp = 'https://a.example' AND NOT browser = 'x'"), *engine,
                     {}, {});
  ASSERT_TRUE(feed.ok()) << feed.error().message;
  append(*engine, "2026-11-20T10:00:00Z rp=https://a.example success m=7 browser:y x3");
  append(*engine, "2026-11-20T11:00:00Z rp=https://b.example success browser:y");
  append(*engine, "2026-11-20T12:00:00Z rp=https://a.example error=fedcm.106 browser:x");
  append(*engine,
         "2026-11-20T08:00:00Z rp=https://a.example error=fedcm.106 browser:z weight=2500");
  Rows rows;
  EXPECT_EQ(feed.value()->take(2, rows).value(), 2U);
  EXPECT_EQ(feed.value()->take(100, rows).value(), 2U);
  EXPECT_EQ(feed.value()->take(100, rows).value(), 0U);
  // In the order of commit; a table is in the order of time.
  std::rotate(rows.begin(), rows.end() - 1, rows.end());
  const auto table = run(parsed("SELECT * FROM events WHERE browser IN ('y', 'z') AND rp = "
                                "'https://a.example'"),
                         *engine, {});
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(rows, table.value().rows);
}

}  // namespace
}  // namespace kpi::query
