// The query layer alone, over groups that are already there: ranking 100,000 series, and a chart
// of percentiles.
#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>

#include "kpi/follow.h"
#include "kpi/query.h"

namespace kpi {
namespace {

constexpr std::size_t kSketchValues = 200;

class FixedView : public View {
 public:
  explicit FixedView(AggregateResult result) : result_(std::move(result)) {}
  Result<AggregateResult> aggregate(const AggregateRequest&) const override { return result_; }
  Result<std::vector<ReadStep>> explain(const AggregateRequest&) const override {
    return std::vector<ReadStep>{};
  }
  Result<ScanReport> scan(const ScanRequest&, const EventSink&) const override {
    return ScanReport{};
  }
  std::vector<std::string> rps() const override { return {}; }
  Result<std::vector<std::string>> clients(std::string_view) const override {
    return std::vector<std::string>{};
  }
  std::vector<std::string> measures() const override { return {}; }
  std::vector<LabelNames> labels() const override { return {}; }
  std::vector<Milestone> milestones() const override { return {}; }

 private:
  AggregateResult result_;
};

class FixedStore : public Store {
 public:
  explicit FixedStore(AggregateResult result)
      : view_(std::make_shared<FixedView>(std::move(result))) {}
  Result<std::shared_ptr<const View>> view() const override { return view_; }
  std::vector<std::pair<std::string, std::string>> status() const override { return {}; }
  Status create_milestone(const Milestone&) override { return read_only(); }
  Status drop_milestone(std::string_view) override { return read_only(); }
  Result<std::unique_ptr<Follower>> follow(FollowRequest) override { return read_only(); }

 private:
  static Error read_only() { return {ErrorCode::kUnsupported, "a store of fixed answers"}; }
  std::shared_ptr<const View> view_;
};

FixedStore ranking_store(std::size_t groups) {
  std::mt19937_64 random(1);
  auto names = std::make_shared<std::vector<std::string>>();
  AggregateResult result;
  result.size = groups;
  for (std::size_t i = 0; i < groups; ++i) {
    names->push_back("https://rp" + std::to_string(i) + ".example");
    const std::uint64_t successes = random() % 300'000, failures = random() % 300'000;
    result.counts.push_back({600, successes + failures, successes, failures, failures / 2});
  }
  result.keys.emplace_back(names->begin(), names->end());
  result.names = names;
  return FixedStore(std::move(result));
}

FixedStore chart_store(std::size_t buckets) {
  std::mt19937_64 random(1);
  AggregateResult result;
  result.size = buckets;
  auto& sketches = result.sketches.emplace_back();
  SketchBuilder builder;
  for (std::size_t i = 0; i < buckets; ++i) {
    for (std::size_t n = 0; n < kSketchValues; ++n) {
      builder.add(static_cast<std::uint32_t>(random() % 10'000));
    }
    sketches.push_back(builder.build());
    result.bucket_begin_ms.push_back(static_cast<std::int64_t>(i) * kHourMs);
    result.counts.push_back({kSketchValues, kSketchValues * 1000, kSketchValues * 1000, 0, 0});
  }
  return FixedStore(std::move(result));
}

void run(benchmark::State& state, FixedStore store, const char* text) {
  const auto statements = query::parse(text);
  for (auto _ : state) {
    auto table = query::run(statements.value()[0], store, {});
    if (!table.ok()) state.SkipWithError(table.error().message.c_str());
    benchmark::DoNotOptimize(table);
  }
}

void rank_series(benchmark::State& state) {
  run(state, ranking_store(static_cast<std::size_t>(state.range(0))),
      "SELECT rp, success_rate(), click_through_rate() FROM events GROUP BY rp "
      "HAVING count(*) >= 100 ORDER BY success_rate() LIMIT 10");
}

void chart_percentiles(benchmark::State& state) {
  run(state, chart_store(static_cast<std::size_t>(state.range(0))),
      "SELECT time_bucket('1 hour', time) AS t, p50(turnaround_time), p95(turnaround_time), "
      "p99(turnaround_time) FROM events GROUP BY t ORDER BY t");
}

// What of the above is the copy of the fixed answer.
void copy_answer(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  FixedStore store = state.range(1) == 0 ? ranking_store(size) : chart_store(size);
  const auto view = store.view().value();
  for (auto _ : state) benchmark::DoNotOptimize(view->aggregate({}));
}

void parse_statement(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(query::parse(
        "SELECT time_bucket('1 hour', time) AS t, p50(turnaround_time), count(*) FROM events "
        "WHERE rp = 'https://rp.example' AND time >= now() - interval '7 days' GROUP BY t "
        "ORDER BY t"));
  }
}

BENCHMARK(rank_series)->Arg(100'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(chart_percentiles)->Arg(720)->Unit(benchmark::kMicrosecond);
BENCHMARK(copy_answer)->Args({100'000, 0})->Args({720, 1})->Unit(benchmark::kMicrosecond);
BENCHMARK(parse_statement)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kpi
