// read_bench DIRECTORY [RUNS [QUERY]]: the queries of the comparison, asked of the engine in its
// own process, over what append_bench stored there. Prints the median time, the rows and the steps.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/peer_data.h"
#include "kpi/engine.h"

namespace {

using Clock = std::chrono::steady_clock;
int runs = 101;
std::string only;  // A query; empty: all.

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "read_bench: %s\n", message.c_str());
  std::exit(1);
}

template <class T>
T take(kpi::Result<T> result) {
  if (!result.ok()) fail(result.error().message);
  return std::move(result).value();
}

kpi::Predicate equals(kpi::Dimension dimension, const std::string& value) {
  kpi::Predicate predicate;
  predicate.kind = kpi::Predicate::Kind::kDimensionIn;
  predicate.dimension.dimension = dimension;
  predicate.values = {value};
  return predicate;
}

kpi::AggregateRequest of_days(int days, std::int64_t width_ms) {
  const std::int64_t end_ms = kpi::bench::kPeerBeginMs + kpi::bench::kPeerSpanMs;
  kpi::AggregateRequest request;
  request.range = {end_ms - days * kpi::kDayMs, end_ms};
  request.bucket_width_ms = width_ms;
  return request;
}

kpi::AggregateRequest of_series(std::uint32_t rp, std::uint32_t client) {
  kpi::AggregateRequest request = of_days(30, kpi::kHourMs);
  request.where.kind = kpi::Predicate::Kind::kAnd;
  request.where.children = {equals(kpi::Dimension::kRp, kpi::bench::peer_rp_name(rp)),
                            equals(kpi::Dimension::kClient, kpi::bench::peer_client_name(client))};
  request.measures = {"turnaround_time"};
  return request;
}

void measure(const char* name, const kpi::Store& store, const kpi::AggregateRequest& request) {
  if (!only.empty() && only != name) return;
  std::vector<double> micros;
  kpi::AggregateResult result;
  for (int run = 0; run < runs; ++run) {
    const auto begin = Clock::now();
    result = take(take(store.view())->aggregate(request));
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::sort(micros.begin(), micros.end());
  std::printf("%s median_us %.0f min_us %.0f rows %zu", name, micros[micros.size() / 2], micros[0],
              result.size);
  for (const kpi::ReadStep& step : result.steps) {
    std::printf(
        " | %s cells %llu chunks %llu events %llu bytes %llu", step.source.c_str(),
        static_cast<unsigned long long>(step.cells), static_cast<unsigned long long>(step.chunks),
        static_cast<unsigned long long>(step.events), static_cast<unsigned long long>(step.bytes));
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) fail("usage: read_bench DIRECTORY [RUNS [QUERY]]");
  if (argc > 2) runs = std::max(1, std::atoi(argv[2]));
  if (argc > 3) only = argv[3];
  kpi::EngineOptions options;
  options.dir = argv[1];
  options.retention_raw_days = options.retention_minute_days = 0;
  const auto engine = take(kpi::Engine::open(options));
  take(engine->flush());

  measure("Q1", *engine, of_series(0, 1));
  kpi::AggregateRequest q2 = of_days(30, kpi::kDayMs);
  q2.measures = {"turnaround_time"};
  measure("Q2", *engine, q2);
  kpi::AggregateRequest q3 = of_days(30, kpi::kDayMs);
  q3.where = equals(kpi::Dimension::kOutcome, "failure");
  q3.group_by = {{kpi::Dimension::kError}};
  measure("Q3", *engine, q3);
  kpi::AggregateRequest q4 = of_days(7, 0);
  q4.group_by = {{kpi::Dimension::kRp}};
  measure("Q4", *engine, q4);
  measure("Q5", *engine, of_series(899, 1817));
  return 0;
}
