// Labels that are rolled up: what is answered from their cells, from when on, and that nothing of
// an earlier time is ever counted.
#include <gtest/gtest.h>
#include <rocksdb/iterator.h>

#include <atomic>
#include <memory>
#include <set>

#include "engine/key/key.h"
#include "engine/rocks/database.h"
#include "kpi/engine.h"
#include "kpi/limits.h"
#include "tests/support/temp_dir.h"

namespace kpi {
namespace {

using Kind = Predicate::Kind;
constexpr std::int64_t kBegin = 20'005 * kDayMs;  // The last day of a week.

class Rollups : public testing::Test {
 protected:
  void SetUp() override {
    options_.dir = dir_.path() / "data";
    options_.durability = Durability::kOs;
    options_.retention_raw_days = 30;
    options_.retention_minute_days = options_.retention_hour_days = 1;
    options_.write_buffer_bytes = 64 << 10;
    options_.now_ms = [this] { return now_ms_.load(); };
  }

  void open(std::vector<std::string> labels) {
    options_.drop_rollups = labels.empty();
    options_.rollup_labels = std::move(labels);
    auto engine = Engine::open(options_);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(engine).value();
  }
  void close() {
    ASSERT_TRUE(engine_->close().ok());
    engine_.reset();
  }

  // Of each of `days` from `day` on: three events on Linux, two on Windows (one failed), one
  // without a label; for two RPs.
  void append(int day, int days) {
    Batch batch;
    for (int d = day; d < day + days; ++d) {
      for (const char* rp : {"https://a.example", "https://b.example"}) {
        for (int i = 0; i < 6; ++i) add(&batch, d, rp, i);
      }
    }
    ASSERT_TRUE(engine_->append(std::move(batch)).ok());
  }
  static void add(Batch* batch, int day, const char* rp, int i) {
    const NamedValue value{"turnaround_time", static_cast<std::uint32_t>(100 + i)};
    const NamedLabel labels[] = {{"os", i < 3 ? "Linux" : "Windows"}, {"ua", "x"}};
    Event event;
    event.time_ms = kBegin + day * kDayMs + i * kHourMs;
    event.rp = rp;
    event.kind = EventKind(i == 4 ? Outcome::kFailure : Outcome::kSuccess, UiShown::kYes);
    event.measures = {&value, 1};
    event.labels = {labels, i < 5 ? 2U : 0U};
    EXPECT_TRUE(batch->add(event).ok());
  }

  static Predicate os_is(std::vector<std::string> values) { return label_is("os", values); }
  static Predicate label_is(const char* label, std::vector<std::string> values) {
    Predicate predicate;
    predicate.kind = Kind::kDimensionIn;
    predicate.dimension = {Dimension::kLabel, label};
    predicate.values = std::move(values);
    return predicate;
  }
  static Predicate join(Kind kind, std::vector<Predicate> children) {
    Predicate predicate;
    predicate.kind = kind;
    predicate.children = std::move(children);
    return predicate;
  }

  // Of the days from `day` on.
  static AggregateRequest request(int day, int days, Predicate where = {}) {
    AggregateRequest request;
    request.range = {kBegin + day * kDayMs, kBegin + (day + days) * kDayMs};
    request.where = std::move(where);
    request.measures = {"turnaround_time"};
    return request;
  }
  AggregateResult ask(const AggregateRequest& request) {
    auto answer = engine_->view().value()->aggregate(request);
    EXPECT_TRUE(answer.ok()) << answer.error().message;
    return std::move(answer).value();
  }
  static std::string sources(const AggregateResult& result) {
    std::string text;
    for (const ReadStep& step : result.steps) {
      if (step.source != "live" || step.events > 0) text += step.source + ' ';
    }
    return text;
  }
  // "value=events" of each group, sorted.
  static std::string groups(const AggregateResult& result) {
    std::set<std::string> lines;
    for (std::size_t group = 0; group < result.size; ++group) {
      const std::string_view text = result.keys[0][group];
      EXPECT_EQ(result.counts[group].events, result.sketches[0][group].count());
      lines.insert((text.data() == nullptr ? "NULL" : std::string(text)) + '=' +
                   std::to_string(result.counts[group].events));
    }
    std::string joined;
    for (const std::string& line : lines) joined += line + ' ';
    return joined;
  }
  std::string by_os(int day, int days) {
    AggregateRequest by = request(day, days);
    by.group_by = {{Dimension::kLabel, "os"}};
    const AggregateResult result = ask(by);
    return groups(result) + "from " + sources(result);
  }

  // With the store closed: the rollups that have keys among the cells. All are to be of `first_day`
  // and later.
  std::set<std::uint32_t> stored_rollups(std::uint16_t first_day = 0) {
    EngineOptions options = options_;
    options.read_only = true;
    const auto database = Database::open(options, [](const Error&) {});
    EXPECT_TRUE(database.ok());
    const std::unique_ptr<rocksdb::Iterator> it(
        database.value()->db().NewIterator({}, database.value()->family(Family::kCells)));
    std::set<std::uint32_t> ids;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const CellKey key = decode_cell_key({it->key().data(), it->key().size()}).value();
      if (is_label_kind(key.kind) && key.first_day < first_day) ADD_FAILURE() << key.first_day;
      if (is_label_kind(key.kind)) ids.insert(key.rollup);
    }
    return ids;
  }
  std::string meta(const char* key) {
    EngineOptions options = options_;
    options.read_only = true;
    return Database::open(options, [](const Error&) {}).value()->meta(key, nullptr).value();
  }

  TempDir dir_;
  EngineOptions options_;
  std::atomic<std::int64_t> now_ms_{kBegin};
  std::unique_ptr<Engine> engine_;
};

TEST_F(Rollups, OneLabelIsAnsweredFromItsCells) {
  open({"os"});
  append(0, 10);
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(by_os(0, 10), "Linux=60 NULL=20 Windows=40 from label day cells ");
  EXPECT_EQ(by_os(3, 1), "Linux=6 NULL=2 Windows=4 from label day cells ");

  const auto events = [&](Predicate where) {
    const AggregateResult result = ask(request(0, 10, std::move(where)));
    EXPECT_EQ(sources(result), "label day cells ");
    return result.size == 0 ? 0 : result.counts[0].events;
  };
  EXPECT_EQ(events(os_is({"Linux"})), 60U);
  EXPECT_EQ(events(os_is({"Linux", "Windows", "none"})), 100U);
  EXPECT_EQ(events(join(Kind::kNot, {os_is({"Linux"})})), 40U) << "not of those without";
  Predicate null = os_is({});
  null.kind = Kind::kDimensionIsNull;
  EXPECT_EQ(events(null), 20U);
  EXPECT_EQ(events(join(Kind::kNot, {null})), 100U);
  Predicate like = os_is({"%in%"});
  like.kind = Kind::kDimensionLike;
  EXPECT_EQ(events(like), 100U);
  Predicate failed = os_is({"failure"});
  failed.dimension = {Dimension::kOutcome, {}};
  EXPECT_EQ(events(join(Kind::kAnd, {os_is({"Windows"}), failed})), 20U);
  EXPECT_EQ(events(join(Kind::kOr, {os_is({"Linux"}), failed})), 80U);
  Predicate rp = os_is({"https://a.example"});
  rp.dimension = {Dimension::kRp, {}};
  EXPECT_EQ(events(join(Kind::kAnd, {os_is({"Linux"}), rp})), 30U);
  EXPECT_EQ(events(join(Kind::kOr, {os_is({"Linux"}), rp})), 90U);
}

TEST_F(Rollups, AllRpsTogetherReadOneValueForEachOfTheLabel) {
  open({"os"});
  append(0, 7);  // Two weeks.
  ASSERT_TRUE(engine_->flush().ok());
  AggregateRequest by = request(0, 7);
  by.group_by = {{Dimension::kLabel, "os"}};
  AggregateResult result = ask(by);
  EXPECT_EQ(result.steps[0].series, 0U);
  EXPECT_EQ(result.steps[0].cells, 7U * (3 + 4)) << "days x (values + values and outcomes)";
  result = ask(request(0, 7, os_is({"Linux"})));
  EXPECT_EQ(result.steps[0].cells, 7U * 2) << "none of other values";
  by.group_by.push_back({Dimension::kRp, {}});
  result = ask(by);
  EXPECT_EQ(result.steps[0].series, 2U);
  EXPECT_EQ(result.size, 6U);
}

TEST_F(Rollups, WhatCellsDoNotTellComesFromRawEvents) {
  open({"os"});
  append(0, 4);
  ASSERT_TRUE(engine_->flush().ok());
  const auto read_from = [&](const AggregateRequest& asked) { return sources(ask(asked)); };
  EXPECT_EQ(read_from(request(0, 4, label_is("ua", {"x"}))), "chunks ");
  EXPECT_EQ(read_from(request(0, 4, join(Kind::kAnd, {os_is({"Linux"}), label_is("ua", {"x"})}))),
            "chunks ");
  Predicate slow;
  slow.kind = Kind::kMeasureIsNull;
  slow.measure = "turnaround_time";
  EXPECT_EQ(read_from(request(0, 4, join(Kind::kAnd, {os_is({"Linux"}), slow}))), "chunks ");
  AggregateRequest hourly = request(0, 4, os_is({"Linux"}));
  hourly.bucket_width_ms = kHourMs;
  EXPECT_EQ(read_from(hourly), "chunks ");
  AggregateRequest edges = request(0, 4, os_is({"Linux"}));
  edges.range.begin_ms += 1;
  edges.range.end_ms -= 1;
  EXPECT_EQ(read_from(edges), "chunks label day cells chunks ");
  AggregateRequest by_error = request(0, 4, os_is({"Linux"}));
  by_error.group_by = {{Dimension::kErrorClass, {}}};
  EXPECT_EQ(read_from(by_error), "chunks ") << "sketches are not kept by error";
  by_error.measures.clear();
  EXPECT_EQ(read_from(by_error), "label day cells ");
}

TEST_F(Rollups, YearsBackWhenRawEventsHaveAgedOut) {
  open({"os"});
  append(0, 3);
  ASSERT_TRUE(engine_->flush().ok());
  now_ms_ = kBegin + 1000 * kDayMs;
  append(999, 1);
  ASSERT_TRUE(engine_->apply_retention().ok());
  const AggregateResult aged = ask(request(0, 3, label_is("ua", {"x"})));
  EXPECT_TRUE(aged.covered.empty());
  EXPECT_EQ(by_os(0, 3), "Linux=18 NULL=6 Windows=12 from label day cells ");
  const AggregateRequest years = request(0, 1000, os_is({"Linux"}));
  const AggregateResult result = ask(years);
  EXPECT_EQ(result.covered, years.range);
  EXPECT_EQ(sources(result), "label day cells live ");
  EXPECT_EQ(result.counts[0].events, 24U);
  append(1, 1);  // Later than raw events of its day are kept.
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(by_os(0, 3), "Linux=24 NULL=8 Windows=16 from label day cells ");
}

TEST_F(Rollups, CellsGoWithTheOtherDayCells) {
  options_.retention_day_days = 100;
  open({"os"});
  append(0, 21);
  ASSERT_TRUE(engine_->flush().ok());
  now_ms_ = kBegin + 110 * kDayMs;
  ASSERT_TRUE(engine_->apply_retention().ok());
  const AggregateResult result = ask(request(0, 21, os_is({"Linux"})));
  EXPECT_EQ(result.covered.begin_ms, kBegin + 8 * kDayMs) << "whole weeks";
  EXPECT_EQ(result.counts[0].events, 13U * 6);
  append(1, 1);  // Would never be dropped again.
  ASSERT_TRUE(engine_->flush().ok());
  close();
  EXPECT_EQ(stored_rollups(20'005 + 8), std::set<std::uint32_t>{1});
}

TEST_F(Rollups, ALabelNamedLaterBeginsWithTheFirstDayThatHasNothingSealed) {
  open({});
  append(0, 3);
  ASSERT_TRUE(engine_->flush().ok());
  append(3, 1);  // Not sealed when the label is named.
  close();
  EXPECT_EQ(stored_rollups(), std::set<std::uint32_t>{});
  open({"os"});
  append(1, 1);  // Late.
  append(4, 2);
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(by_os(0, 6), "Linux=42 NULL=14 Windows=28 from chunks label day cells ");
  EXPECT_EQ(by_os(3, 3), "Linux=18 NULL=6 Windows=12 from label day cells ");
  EXPECT_EQ(by_os(2, 1), "Linux=6 NULL=2 Windows=4 from chunks ");
  close();
  open({"ua", "os"});  // What is known stays.
  EXPECT_EQ(by_os(3, 3), "Linux=18 NULL=6 Windows=12 from label day cells ");
  EXPECT_EQ(sources(ask(request(3, 3, label_is("ua", {"x"})))), "chunks ");
}

TEST_F(Rollups, ALabelNamedAgainStartsAnew) {
  open({"os"});
  append(0, 9);
  ASSERT_TRUE(engine_->flush().ok());
  close();
  EXPECT_EQ(stored_rollups(), std::set<std::uint32_t>{1});
  open({"ua"});
  append(0, 10);  // Which cells of `os` do not see.
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(by_os(0, 10), "Linux=114 NULL=38 Windows=76 from chunks ");
  close();
  EXPECT_EQ(stored_rollups(), std::set<std::uint32_t>{2});
  EXPECT_EQ(meta("rollup/os"), "");
  open({"os", "ua"});
  EXPECT_EQ(by_os(0, 10), "Linux=114 NULL=38 Windows=76 from chunks ");
  append(9, 2);
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(by_os(0, 11), "Linux=126 NULL=42 Windows=84 from chunks label day cells ");
  EXPECT_EQ(by_os(10, 1), "Linux=6 NULL=2 Windows=4 from label day cells ");
  close();
  EXPECT_EQ(stored_rollups(), (std::set<std::uint32_t>{2, 3}));
}

// A tool that opens the store and knows nothing of labels does not cost it years of cells.
TEST_F(Rollups, WhereNoLabelIsNamedAllStayAsTheyAre) {
  open({"os"});
  append(0, 3);
  ASSERT_TRUE(engine_->flush().ok());
  const std::string before = by_os(0, 3);
  ASSERT_NE(before.find("label day cells"), std::string::npos) << before;
  close();
  options_.rollup_labels.clear();
  options_.drop_rollups = false;
  auto engine = Engine::open(options_);
  ASSERT_TRUE(engine.ok());
  engine_ = std::move(engine).value();
  EXPECT_EQ(by_os(0, 3), before);
  append(4, 1);
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(by_os(4, 1), "Linux=6 NULL=2 Windows=4 from label day cells ");
}

TEST_F(Rollups, AViewKeepsWhatItHadWhenCellsGo) {
  open({"os"});
  append(0, 2);
  ASSERT_TRUE(engine_->flush().ok());
  const auto held = engine_->view().value();
  append(0, 2);
  ASSERT_TRUE(engine_->flush().ok());
  const AggregateResult before = held->aggregate(request(0, 2, os_is({"Linux"}))).value();
  EXPECT_EQ(sources(before), "label day cells ");
  EXPECT_EQ(before.counts[0].events, 12U);
}

TEST_F(Rollups, AReaderHasTheLabelsOfTheWriter) {
  open({"os"});
  append(0, 2);
  ASSERT_TRUE(engine_->flush().ok());
  close();
  options_.read_only = true;
  open({"ua"});
  EXPECT_EQ(by_os(0, 2), "Linux=12 NULL=4 Windows=8 from label day cells ");
  EXPECT_EQ(sources(ask(request(0, 2, label_is("ua", {"x"})))), "chunks ");
}

TEST_F(Rollups, ALabelThatNoEventHasIsNullEverywhere) {
  open({"never"});
  append(0, 2);
  ASSERT_TRUE(engine_->flush().ok());
  AggregateRequest by = request(0, 2);
  by.group_by = {{Dimension::kLabel, "never"}, {Dimension::kLabel, "never"}};
  const AggregateResult result = ask(by);
  EXPECT_EQ(groups(result) + sources(result), "NULL=24 label day cells ");
  EXPECT_EQ(result.keys[1][0].data(), nullptr);
}

TEST_F(Rollups, CellsTakenInFromElsewhereSayNothingOfLabels) {
  open({"os"});
  TransferHead head;
  head.raw_from_ms = kBegin + 2 * kDayMs;
  head.minute_from_ms = head.hour_from_ms = head.raw_from_ms;
  ASSERT_TRUE(engine_->adopt(head).ok());
  const KindCount count{EventKind(Outcome::kSuccess, UiShown::kYes), 5, 5000};
  PortableCell cell;
  cell.begin_ms = kBegin;
  cell.rp = "https://a.example";
  cell.counts = {&count, 1};
  TransferBatch batch;
  batch.cells = {&cell, 1};
  ASSERT_TRUE(engine_->import(batch, {}).ok());
  append(2, 1);
  ASSERT_TRUE(engine_->flush().ok());
  AggregateRequest by = request(0, 3);
  by.group_by = {{Dimension::kLabel, "os"}};
  const AggregateResult result = ask(by);
  EXPECT_EQ(result.covered, (TimeRange{kBegin + 2 * kDayMs, kBegin + 3 * kDayMs}));
  EXPECT_EQ(groups(result) + sources(result), "Linux=6 NULL=2 Windows=4 label day cells ");
}

TEST_F(Rollups, NamesAreLimited) {
  const auto code_of = [&](std::vector<std::string> labels) {
    options_.rollup_labels = std::move(labels);
    const auto engine = Engine::open(options_);
    return engine.ok() ? std::optional<ErrorCode>() : engine.error().code;
  };
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < kRollupLabelsMax; ++i) labels.push_back("l" + std::to_string(i));
  EXPECT_EQ(code_of(labels), std::nullopt);
  labels.push_back("one more");
  EXPECT_EQ(code_of(labels), ErrorCode::kLimitExceeded);
  EXPECT_EQ(code_of({std::string(kLabelNameBytesMax, 'x')}), std::nullopt);
  EXPECT_EQ(code_of({std::string(kLabelNameBytesMax + 1, 'x')}), ErrorCode::kLimitExceeded);
  EXPECT_EQ(code_of({""}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of({"os", "os"}), ErrorCode::kInvalidArgument);
}

TEST_F(Rollups, GoldenEntryAndDamageToIt) {
  open({});
  append(0, 1);
  ASSERT_TRUE(engine_->flush().ok());
  close();
  open({"os"});
  close();
  const std::string entry = meta("rollup/os");
  ASSERT_EQ(entry.size(), 16U);
  EXPECT_EQ(entry.substr(8), std::string("\1\0\0\0\x26\x4E\0\0", 8)) << "id 1, day 20,006";
  {
    const auto database = Database::open(options_, [](const Error&) {}).value();
    std::string damaged = entry;
    damaged[12] = '\x27';
    ASSERT_TRUE(database->db().Put({}, database->family(Family::kMeta), "rollup/os", damaged).ok());
    ASSERT_TRUE(database->close(true).ok());
  }
  const auto engine = Engine::open(options_);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kCorruption);
  EXPECT_NE(engine.error().message.find("rollup/os"), std::string::npos);
}

}  // namespace
}  // namespace kpi
