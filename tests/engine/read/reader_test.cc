// What an answer says besides its numbers: where it was read, and how it ends early.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>

#include "kpi/engine.h"
#include "tests/support/temp_dir.h"

namespace kpi {
namespace {

constexpr std::int64_t kBegin = 20'006 * kDayMs;

class Reader : public testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.dir = dir_.path() / "data";
    options.durability = Durability::kOs;
    options.retention_raw_days = 1;
    options.retention_minute_days = options.retention_hour_days = 0;
    options.write_buffer_bytes = 64 << 10;
    options.now_ms = [this] { return now_ms_.load(); };
    auto engine = Engine::open(options);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(engine).value();
  }

  // `events` evenly over two days.
  void append(std::string_view rp, std::string_view client, int events) {
    Batch batch;
    const NamedValue value{"turnaround_time", 700};
    for (int i = 0; i < events; ++i) {
      Event event;
      event.time_ms = kBegin + i * (2 * kDayMs / events);
      event.rp = rp;
      event.client = client;
      event.kind = EventKind(Outcome::kSuccess, UiShown::kYes);
      event.measures = {&value, 1};
      ASSERT_TRUE(batch.add(event).ok());
    }
    ASSERT_TRUE(engine_->append(std::move(batch)).ok());
  }

  std::shared_ptr<const View> view() { return engine_->view().value(); }

  static Predicate rp_is(const char* rp) {
    Predicate predicate;
    predicate.kind = Predicate::Kind::kDimensionIn;
    predicate.values = {rp};
    return predicate;
  }

  // The sources in order, with a + where something was read.
  static std::string sources(const AggregateResult& result) {
    std::string text;
    for (const ReadStep& step : result.steps) {
      text += step.source + (step.cells + step.events > 0 ? "+ " : " ");
    }
    return text;
  }

  TempDir dir_;
  std::atomic<std::int64_t> now_ms_{kBegin};
  std::unique_ptr<Engine> engine_;
};

TEST_F(Reader, TakesTheCoarsestCellsThatAreExact) {
  append("https://dense.example", "a", 2000);
  append("https://sparse.example", "b", 20);
  ASSERT_TRUE(engine_->flush().ok());
  AggregateRequest request;
  request.range = {kBegin, kBegin + 2 * kDayMs};
  EXPECT_EQ(sources(view()->aggregate(request).value()), "day cells+ live ");
  request.bucket_width_ms = kHourMs;
  EXPECT_EQ(sources(view()->aggregate(request).value()), "hour cells+ live ");
  request.bucket_width_ms = kMinuteMs;
  EXPECT_EQ(sources(view()->aggregate(request).value()), "minute cells+ live ");
  request.bucket_width_ms = 1000;
  EXPECT_EQ(sources(view()->aggregate(request).value()), "chunks+ live ");
  request.bucket_width_ms = kHourMs;
  request.where = rp_is("https://dense.example");
  EXPECT_EQ(sources(view()->aggregate(request).value()), "hour cells+ chunks live ");
  request.where = rp_is("https://sparse.example");
  EXPECT_EQ(sources(view()->aggregate(request).value()), "hour cells chunks+ live ");
  request.where = rp_is("https://absent.example");
  EXPECT_EQ(view()->aggregate(request).value().size, 0U);
}

TEST_F(Reader, SketchesByErrorNeedChunksAndCountsDoNot) {
  append("https://dense.example", "a", 2000);
  ASSERT_TRUE(engine_->flush().ok());
  AggregateRequest request;
  request.range = {kBegin, kBegin + 2 * kDayMs};
  request.group_by = {{Dimension::kError}};
  EXPECT_EQ(sources(view()->aggregate(request).value()), "day cells+ live ");
  request.measures = {"turnaround_time"};
  EXPECT_EQ(sources(view()->aggregate(request).value()), "chunks+ live ");
  request.group_by = {{Dimension::kOutcome}};
  EXPECT_EQ(sources(view()->aggregate(request).value()), "day cells+ live ");
}

TEST_F(Reader, AStopRequestCancels) {
  append("https://dense.example", "a", 2000);
  std::stop_source stop;
  stop.request_stop();
  for (int sealed = 0; sealed < 2; ++sealed) {
    AggregateRequest request;
    request.stop = stop.get_token();
    const auto answer = view()->aggregate(request);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, ErrorCode::kCanceled);
    ScanRequest scan;
    scan.stop = stop.get_token();
    const auto report = view()->scan(scan, [](const Event&) { return true; });
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, ErrorCode::kCanceled);
    ASSERT_TRUE(engine_->flush().ok());
  }
}

TEST_F(Reader, AScanEndsWhenItsSinkHasHadEnough) {
  append("https://dense.example", "a", 2000);
  append("https://sparse.example", "b", 20);
  for (int sealed = 0; sealed < 2; ++sealed) {
    int seen = 0;
    const auto report = view()->scan({}, [&](const Event&) { return ++seen < 7; });
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(seen, 7);
    ASSERT_TRUE(engine_->flush().ok());
  }
}

TEST_F(Reader, RefusesANegativeBucketWidth) {
  AggregateRequest request;
  request.bucket_width_ms = -1;
  const auto answer = view()->aggregate(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Reader, AnEmptyRangeIsAnEmptyAnswer) {
  append("https://dense.example", "a", 10);
  AggregateRequest request;
  request.range = {kBegin + kDayMs, kBegin};
  const auto answer = view()->aggregate(request).value();
  EXPECT_EQ(answer.size, 0U);
  EXPECT_EQ(answer.covered, request.range);
  EXPECT_TRUE(answer.steps.empty());
}

TEST_F(Reader, AViewSeesWhatItSawWhateverAgesOutMeanwhile) {
  const auto count = [](const View& view) {
    int seen = 0;
    EXPECT_TRUE(view.scan({}, [&](const Event&) { return ++seen > 0; }).ok());
    return seen;
  };
  for (int i = 0; i < 20; ++i) {  // Enough files to be compacted to where whole files are dropped.
    append("https://dense.example", std::to_string(i), 500);
    ASSERT_TRUE(engine_->flush().ok());
  }
  const auto before = view();
  for (int day = 10; day < 14; ++day) {
    now_ms_ = kBegin + day * kDayMs;
    ASSERT_TRUE(engine_->apply_retention().ok());
    append("https://late.example", "a", 500);
    ASSERT_TRUE(engine_->flush().ok());
  }
  EXPECT_EQ(count(*before), 20 * 500);
  EXPECT_EQ(count(*view()), 0);
}

TEST_F(Reader, NamesOutliveTheView) {
  append("https://dense.example", "a", 10);
  AggregateRequest request;
  request.group_by = {{Dimension::kRp}, {Dimension::kOutcome}, {Dimension::kError}};
  const AggregateResult answer = view()->aggregate(request).value();
  engine_.reset();
  ASSERT_EQ(answer.size, 1U);
  EXPECT_EQ(answer.keys[0][0], "https://dense.example");
  EXPECT_EQ(answer.keys[1][0], "success");
  EXPECT_EQ(answer.keys[2][0].data(), nullptr);
}

}  // namespace
}  // namespace kpi
