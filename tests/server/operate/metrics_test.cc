#include "server/operate/metrics.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace kpi::server {
namespace {

MetricsInput input_of(const Counters& first, const Counters& second) {
  MetricsInput input;
  input.threads = {&first, &second};
  input.engine.emplace();
  input.engine->commit_micros_buckets[0] = 3;
  input.engine->commit_micros_buckets[15] = 1;
  input.engine->commit_micros_sum = 2'000'000;
  input.start_ms = 1'763'800'000'123;
  input.phase = Phase::kReady;
  return input;
}

bool has_line(const std::string& page, const std::string& line) {
  return page.find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, ReceivedIsAcceptedPlusRejectedOverAllThreads) {
  Counters first, second;
  first.accepted[static_cast<std::size_t>(Speech::kFedcm)].add(10);
  second.accepted[static_cast<std::size_t>(Speech::kNdjson)].add(5);
  first.rejected[static_cast<std::size_t>(Reason::kTimingIdentity)].add(2);
  second.refused[static_cast<std::size_t>(Refusal::kOverload)].add(1);
  first.foreign.add(7);  // Neither received nor rejected: no events.
  const std::string page = metrics_page(input_of(first, second));
  EXPECT_TRUE(has_line(page, "kpi_events_received_total 18"));
  EXPECT_TRUE(has_line(page, "kpi_events_accepted_total{dialect=\"fedcm\"} 10"));
  EXPECT_TRUE(has_line(page, "kpi_events_accepted_total{dialect=\"ndjson\"} 5"));
  EXPECT_TRUE(has_line(page, "kpi_events_rejected_total{reason=\"timing_identity\"} 2"));
  EXPECT_TRUE(has_line(page, "kpi_events_rejected_total{reason=\"overload\"} 1"));
  EXPECT_TRUE(has_line(page, "kpi_timing_identity_violations_total 2"));
  EXPECT_TRUE(has_line(page, "kpi_reports_foreign_total 7"));
}

TEST(Metrics, HistogramIsCumulativeAndInSeconds) {
  const Counters counters;
  const std::string page = metrics_page(input_of(counters, counters));
  EXPECT_TRUE(has_line(page, "kpi_commit_duration_seconds_bucket{le=\"6.4e-05\"} 3"));
  EXPECT_TRUE(has_line(page, "kpi_commit_duration_seconds_bucket{le=\"+Inf\"} 4"));
  EXPECT_TRUE(has_line(page, "kpi_commit_duration_seconds_sum 2"));
  EXPECT_TRUE(has_line(page, "kpi_commit_duration_seconds_count 4"));
}

TEST(Metrics, PromtoolAcceptsThePage) {
  ASSERT_EQ(std::system("command -v promtool >/dev/null"), 0) << "promtool is missing";
  const Counters counters;
  const std::string path = testing::TempDir() + "kpi_metrics_" + std::to_string(::getpid());
  std::ofstream(path) << metrics_page(input_of(counters, counters));
  EXPECT_EQ(std::system(("promtool check metrics < " + path).c_str()), 0);
  std::remove(path.c_str());
}

TEST(Metrics, StatusesOutsideTheTableAreCountedToo) {
  Counters counters;
  for (const std::uint16_t status : kStatuses) counters.count_response(status);
  counters.count_response(299);
  for (const Counter& row : counters.responses) EXPECT_EQ(row.value(), 1U);
}

}  // namespace
}  // namespace kpi::server
