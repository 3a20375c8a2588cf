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
  QueryPool pool({2, 4, std::chrono::milliseconds(30)},
                 [](const std::string&, QueryFormat, std::stop_token stop) {
                   return until_stopped(std::move(stop));
                 });
  std::promise<QueryAnswer> first, second;
  ASSERT_TRUE(pool.submit("a", QueryFormat::kJson, [&](QueryAnswer a) { first.set_value(a); }));
  ASSERT_TRUE(pool.submit("b", QueryFormat::kJson, [&](QueryAnswer a) { second.set_value(a); }));
  EXPECT_EQ(first.get_future().get().body, "stopped");
  EXPECT_GE(second.get_future().get().micros, 25'000U);
}

TEST(QueryPool, TheQueueIsBounded) {
  std::promise<void> started;
  QueryPool pool({1, 2, std::chrono::minutes(5)},
                 [&](const std::string& text, QueryFormat, std::stop_token stop) {
                   if (text == "first") started.set_value();
                   return until_stopped(std::move(stop));
                 });
  const auto ignore = [](const QueryAnswer&) {};
  ASSERT_TRUE(pool.submit("first", QueryFormat::kJson, ignore));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit("waits", QueryFormat::kJson, ignore));
  EXPECT_TRUE(pool.submit("waits", QueryFormat::kJson, ignore));
  EXPECT_FALSE(pool.submit("too many", QueryFormat::kJson, ignore));
  pool.stop();  // Stops what runs, forgets what waits.
  EXPECT_FALSE(pool.submit("late", QueryFormat::kJson, ignore));
}

}  // namespace
}  // namespace kpi::server
