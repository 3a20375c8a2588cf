// The engine answers as the model store does, to the last byte of every sketch: random events,
// seals, reopenings and retention, random requests.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>

#include "kpi/engine.h"
#include "tests/engine/read/model_check.h"
#include "tests/engine/read/random_data.h"
#include "tests/support/model_store.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

class EngineModel : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  void SetUp() override {
    options_.dir = dir_.path() / "data";
    options_.durability = Durability::kOs;
    options_.write_buffer_bytes = 1 << 20;
    options_.dense_events_per_hour = 1 + static_cast<std::uint32_t>(random_.below(3));
    options_.settle_ms = 0;
    if (random_.chance(30)) options_.journal_bytes_max = 3000;
    ages_ = random_.chance(50);
    options_.retention_raw_days = ages_ ? 1 + static_cast<int>(random_.below(6)) : 0;
    options_.retention_minute_days = ages_ ? 1 + static_cast<int>(random_.below(6)) : 0;
    options_.retention_hour_days = ages_ ? 1 + static_cast<int>(random_.below(12)) : 0;
    options_.retention_day_days = ages_ && random_.chance(40) ? 8 : 0;
    options_.now_ms = [this] { return now_ms_.load(); };
    options_.log = [](EngineOptions::LogLevel, std::string_view) {};
    options_.on_fatal = [](const Error& error) { ADD_FAILURE() << error.message; };
    now_ms_ = random_.first_day_ms();
    configure();
    open();
  }

  // What may be different at the next start.
  virtual void configure() {}

  void open() {
    auto engine = Engine::open(options_);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(engine).value();
  }

  void append() {
    Batch batch;
    for (std::uint64_t i = 1 + random_.below(random_.chance(20) ? 400 : 60); i > 0; --i) {
      const ModelEvent event = random_.event();
      visit(event, [&](const Event& named) {
        const Status added = batch.add(named);
        EXPECT_TRUE(added.ok()) << added.error().message;
        return true;
      });
      events_.push_back(event);
    }
    const Status appended = engine_->append(std::move(batch));
    ASSERT_TRUE(appended.ok()) << appended.error().message;
  }

  void change() {
    if (random_.chance(50)) append();
    if (random_.chance(15)) {
      const Status flushed = engine_->flush();
      ASSERT_TRUE(flushed.ok()) << flushed.error().message;
    }
    if (random_.chance(30)) {  // Up to three days after the last event.
      const std::int64_t end_ms = random_.end_day_ms() + 3 * kDayMs;
      now_ms_ +=
          static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(end_ms - now_ms_)));
    }
    if (random_.chance(10)) {
      held_ = {};  // It would keep the directory open.
      const Status closed = engine_->close();
      ASSERT_TRUE(closed.ok()) << closed.error().message;
      engine_.reset();
      configure();
      open();
    }
    if (ages_ && random_.chance(20)) {
      const Status aged = engine_->apply_retention();
      ASSERT_TRUE(aged.ok()) << aged.error().message;
    }
  }

  void check_aggregate(const View& view, const View& model, AggregateRequest request) {
    const Checked checked = test::check_aggregate(view, model, request);
    ASSERT_EQ(checked.difference, "");
    if (!ages_) {
      EXPECT_EQ(checked.covered, request.range);
    }
    events_seen_ += checked.groups;
    label_cells_ += checked.label_cells;
    if (checked.groups < 2 || !random_.chance(20)) return;
    request.groups_max = checked.groups;
    EXPECT_TRUE(view.aggregate(request).ok());
    request.groups_max = checked.groups - 1;
    auto refused = view.aggregate(request);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  }

  void check_scan(const View& view, const View& model, const ScanRequest& request) {
    const Checked checked = test::check_scan(view, model, request);
    ASSERT_EQ(checked.difference, "");
    if (!ages_) {
      EXPECT_EQ(checked.covered, request.range);
    }
  }

  struct Pair {
    std::shared_ptr<const View> view, model;
  };
  Pair take_views() {
    auto view = engine_->view();
    EXPECT_TRUE(view.ok()) << view.error().message;
    return {std::move(view).value(), ModelStore(events_).view().value()};
  }

  void check(const Pair& views, int aggregates, int scans) {
    for (int i = 0; i < aggregates && !HasFatalFailure(); ++i) {
      check_aggregate(*views.view, *views.model, random_.aggregate());
    }
    for (int i = 0; i < scans && !HasFatalFailure(); ++i) {
      check_scan(*views.view, *views.model, random_.scan());
    }
  }

  // A view of now, and one that saw nothing of what has happened since it was taken.
  void check() {
    const Pair now = take_views();
    check(now, 12, 2);
    if (held_.view && !HasFatalFailure()) {
      SCOPED_TRACE("held");
      check(held_, 4, 1);
    }
    if (random_.chance(50)) held_ = random_.chance(60) ? now : Pair{};
  }

  RandomData random_{GetParam()};
  TempDir dir_;
  EngineOptions options_;
  std::atomic<std::int64_t> now_ms_{0};
  bool ages_ = false;
  std::unique_ptr<Engine> engine_;
  Pair held_;
  std::vector<ModelEvent> events_;
  std::size_t events_seen_ = 0;
  std::uint64_t label_cells_ = 0;
};

TEST_P(EngineModel, AnswersAsTheModelDoes) {
  for (int step = 0; step < 40 && !HasFatalFailure(); ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    change();
    if (!HasFatalFailure() && step % 4 == 3) check();
  }
  EXPECT_GT(events_seen_, 0U);
}

// Labels are rolled up from some start on, until some other, perhaps again.
class RollupModel : public EngineModel {
 protected:
  void configure() override {
    random_.ask_by_labels(60);
    std::vector<std::string>& labels = options_.rollup_labels;
    if (labels.empty() || random_.chance(30)) {
      labels.clear();
      if (random_.chance(75)) labels.emplace_back("browser");
      if (random_.chance(40)) labels.emplace_back("absent");
      if (random_.chance(40)) labels.insert(labels.begin(), "variant");
      options_.drop_rollups = labels.empty();
    }
  }
};

TEST_P(RollupModel, AnswersAsTheModelDoes) {
  for (int step = 0; step < 40 && !HasFatalFailure(); ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    change();
    if (!HasFatalFailure() && step % 4 == 3) check();
  }
  RecordProperty("label_cells", std::to_string(label_cells_));
}

// More for a long run: KPI_SEEDS.
std::uint64_t seeds() {
  const char* wanted = std::getenv("KPI_SEEDS");
  return wanted == nullptr ? 24 : std::strtoull(wanted, nullptr, 10);
}
INSTANTIATE_TEST_SUITE_P(Seeds, EngineModel, testing::Range<std::uint64_t>(0, seeds()));
INSTANTIATE_TEST_SUITE_P(Seeds, RollupModel, testing::Range<std::uint64_t>(0, seeds()));

}  // namespace
}  // namespace kpi::test
