#include "tools/kpi_query/pg_result.h"

#include <gtest/gtest.h>

namespace kpi::tools {
namespace {

TEST(PgResult, TimestampsReadBackAsTheyWereWritten) {
  for (const std::int64_t time_ms :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'795'338'000'045}}) {
    EXPECT_EQ(parse_timestamp(query::to_text(time_ms, query::Type::kTimestamp)), time_ms);
  }
  for (const char* text :
       {"", "2026-11-22", "2026-13-22 09:00:00+00", "2026-11-22 09:00:00+01",
        "2026-11-22T09:00:00+00", "2026-11-22 09:00:00.12+00", "2026-11-22 09:00:00x123+00"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace kpi::tools
