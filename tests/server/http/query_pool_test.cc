#include "server/http/query_pool.h"

#include <gtest/gtest.h>

#include <future>

namespace kpi::server {
namespace {

QueryAnswer until_stopped(std::stop_token stop) {
  std::promise<void> stopped;
  const std::stop_callback callback(stop, [&] { stopped.set_value(); });
  stopped.get_future().wait();
  return {504, {}, "stopped", {}};
}

TEST(QueryPool, StatementsAreStoppedAtTheirTimeout) {
  QueryPool pool({2, 4, std::chrono::milliseconds(30)});
  std::promise<QueryAnswer> first, second;
  ASSERT_TRUE(pool.submit(until_stopped, [&](QueryAnswer a) { first.set_value(a); }));
  ASSERT_TRUE(pool.submit(until_stopped, [&](QueryAnswer a) { second.set_value(a); }));
  EXPECT_EQ(first.get_future().get().body, "stopped");
  EXPECT_GE(second.get_future().get().micros, 25'000U);
}

TEST(QueryPool, TheQueueIsBounded) {
  std::promise<void> started;
  QueryPool pool({1, 2, std::chrono::minutes(5)});
  const auto first = [&](std::stop_token stop) {
    started.set_value();
    return until_stopped(std::move(stop));
  };
  const auto ignore = [](const QueryAnswer&) {};
  ASSERT_TRUE(pool.submit(first, ignore));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit(until_stopped, ignore));
  EXPECT_TRUE(pool.submit(until_stopped, ignore));
  EXPECT_FALSE(pool.submit(until_stopped, ignore));
  EXPECT_TRUE(pool.go_on(until_stopped, ignore, {}));  // An answer that has begun is not refused.
  pool.stop();                                         // Stops what runs, forgets what waits.
  EXPECT_FALSE(pool.submit(until_stopped, ignore));
  EXPECT_FALSE(pool.go_on(until_stopped, ignore, {}));
}

}  // namespace
}  // namespace kpi::server
