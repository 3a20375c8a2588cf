// The engine answers as the model store does, to the last byte of every sketch: random events,
// seals, reopenings and retention, random requests.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include "kpi/engine.h"
#include "tests/engine/read/random_data.h"
#include "tests/support/model_store.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

using GroupKey = std::pair<std::int64_t, std::vector<std::optional<std::string>>>;
struct GroupValue {
  Counts counts;
  std::vector<std::string> sketches;
  bool operator==(const GroupValue&) const = default;
};
using Groups = std::map<GroupKey, GroupValue>;

Groups groups_of(const AggregateResult& result) {
  Groups groups;
  for (std::size_t group = 0; group < result.size; ++group) {
    GroupKey key;
    if (!result.bucket_begin_ms.empty()) key.first = result.bucket_begin_ms[group];
    for (const auto& column : result.keys) {
      const std::string_view text = column[group];
      key.second.push_back(text.data() == nullptr ? std::nullopt
                                                  : std::optional<std::string>(text));
    }
    GroupValue value;
    value.counts = result.counts[group];
    for (const auto& column : result.sketches) value.sketches.push_back(column[group].bytes());
    EXPECT_TRUE(groups.emplace(key, value).second) << "a group stands twice";
  }
  return groups;
}

std::string print(const Groups& groups) {
  std::ostringstream out;
  for (const auto& [key, value] : groups) {
    out << key.first;
    for (const auto& text : key.second) out << " | " << (text ? "'" + *text + "'" : "NULL");
    const Counts& counts = value.counts;
    out << " : " << counts.events << ' ' << counts.total << ' ' << counts.successes << ' '
        << counts.failures << ' ' << counts.failures_ui_shown << " sketches";
    for (const auto& bytes : value.sketches) out << ' ' << bytes.size();
    out << '\n';
  }
  return out.str();
}

void print(const Predicate& predicate, std::ostream& out) {
  out << '(' << static_cast<int>(predicate.kind);
  if (!predicate.dimension.label.empty() || !predicate.values.empty()) {
    out << " dim " << static_cast<int>(predicate.dimension.dimension) << predicate.dimension.label;
  }
  for (const auto& value : predicate.values) out << " '" << value << "'";
  if (!predicate.measure.empty()) {
    out << ' ' << predicate.measure << " op" << static_cast<int>(predicate.comparison) << ' '
        << predicate.operand;
  }
  if (predicate.kind == Predicate::Kind::kTime) {
    out << ' ' << predicate.range.begin_ms << ".." << predicate.range.end_ms;
  }
  for (const Predicate& child : predicate.children) print(child, out);
  out << ')';
}

std::string print(const AggregateRequest& request) {
  std::ostringstream out;
  out << "range " << request.range.begin_ms << ".." << request.range.end_ms << " width "
      << request.bucket_width_ms << " origin " << request.bucket_origin_ms << " where ";
  print(request.where, out);
  out << " group by";
  for (const auto& by : request.group_by) out << ' ' << static_cast<int>(by.dimension) << by.label;
  out << " measures";
  for (const auto& name : request.measures) out << ' ' << name;
  return out.str();
}

// One event as a line, whatever the order of its measures and labels.
std::string line_of(const Event& event) {
  std::vector<std::string> parts;
  for (const NamedValue& m : event.measures) {
    parts.push_back(std::string(m.name) + "=" + std::to_string(m.value));
  }
  for (const NamedLabel& l : event.labels) {
    parts.push_back(std::string(l.name) + ":" + std::string(l.value));
  }
  std::sort(parts.begin(), parts.end());
  std::ostringstream out;
  out << event.time_ms << ' ' << event.rp << ' ' << event.client << ' ' << event.kind.packed()
      << ' ' << event.weight;
  for (const auto& part : parts) out << ' ' << part;
  return out.str();
}

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
    SCOPED_TRACE(print(request));
    auto answer = view.aggregate(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    const TimeRange covered = answer.value().covered;
    if (!ages_) {
      EXPECT_EQ(covered, request.range);
    }
    check_steps(view, request, answer.value());
    const auto stop = request;
    request.range = {std::max(request.range.begin_ms, covered.begin_ms),
                     std::min(request.range.end_ms, covered.end_ms)};
    auto expected = model.aggregate(request);
    ASSERT_TRUE(expected.ok());
    const Groups got = groups_of(answer.value()), want = groups_of(expected.value());
    ASSERT_TRUE(got == want) << "got\n"
                             << print(got) << "expected\n"
                             << print(want) << "covered " << covered.begin_ms << ".."
                             << covered.end_ms << "\nsteps" << print_steps(answer.value().steps);
    events_seen_ += want.size();
    for (const ReadStep& step : answer.value().steps) {
      if (step.source == "label day cells") label_cells_ += step.cells;
    }
    if (want.size() < 2 || !random_.chance(20)) return;
    request = stop;
    request.groups_max = want.size();
    EXPECT_TRUE(view.aggregate(request).ok());
    request.groups_max = want.size() - 1;
    auto refused = view.aggregate(request);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kLimitExceeded);
  }

  static std::string print_steps(const std::vector<ReadStep>& steps) {
    std::ostringstream out;
    for (const ReadStep& step : steps) {
      out << " [" << step.source << ' ' << step.range.begin_ms << ".." << step.range.end_ms << "]";
    }
    return out.str();
  }

  static void check_steps(const View& view, const AggregateRequest& request,
                          const AggregateResult& answer) {
    auto explained = view.explain(request);
    ASSERT_TRUE(explained.ok());
    EXPECT_EQ(print_steps(explained.value()), print_steps(answer.steps));
  }

  void check_scan(const View& view, const View& model, ScanRequest request) {
    AggregateRequest shown;
    shown.range = request.range;
    shown.where = request.where;
    SCOPED_TRACE("scan " + print(shown));
    std::vector<std::string> got, want;
    std::map<std::string, std::int64_t> last_ms;
    std::string order;
    auto report = view.scan(request, [&](const Event& event) {
      got.push_back(line_of(event));
      std::ostringstream day;
      day << event.rp << '\n' << event.client << '\n' << event.time_ms / kDayMs;
      const auto [last, is_new] = last_ms.emplace(day.str(), event.time_ms);
      if (event.time_ms < last->second) order = got.back();
      last->second = event.time_ms;
      return true;
    });
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(order, "") << "out of order";
    const TimeRange covered = report.value().covered;
    if (!ages_) {
      EXPECT_EQ(covered, request.range);
    }
    request.range = {std::max(request.range.begin_ms, covered.begin_ms),
                     std::min(request.range.end_ms, covered.end_ms)};
    ASSERT_TRUE(model
                    .scan(request,
                          [&](const Event& event) {
                            want.push_back(line_of(event));
                            return true;
                          })
                    .ok());
    std::sort(got.begin(), got.end());
    std::sort(want.begin(), want.end());
    ASSERT_EQ(got, want);
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
