#include "kpi/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/journal/batch_contents.h"

namespace kpi {
namespace {

Event plain_event() {
  Event event;
  event.time_ms = 1'792'454'400'000;
  event.rp = "https://rp.example";
  event.client = "client1";
  event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
  return event;
}

TEST(Batch, InternsNamesAndShapesOnce) {
  Batch batch;
  const NamedValue measures[] = {{"a", 1}, {"b", 300}};
  Event event = plain_event();
  event.measures = measures;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(batch.add(event).ok());
  EXPECT_EQ(batch.size(), 1000U);
  EXPECT_EQ(batch.contents().series.size(), 1U);
  EXPECT_EQ(batch.contents().measures.size(), 2U);
  EXPECT_EQ(batch.contents().shapes.size(), 1U);
  EXPECT_EQ(batch.contents().values_of(999), std::string_view("\x01\xAC\x02", 3));
}

TEST(Batch, PairsAreKeptApartWhereTheirConcatenationIsEqual) {
  Batch batch;
  const auto first = batch.intern_series("ab", "c"), second = batch.intern_series("a", "bc");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first.value(), second.value());
}

TEST(Batch, ManyNamesSurviveGrowthOfTheTable) {
  Batch batch;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(batch.intern_series("https://rp" + std::to_string(i), "c").value(), i);
  }
  for (std::uint32_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(batch.intern_series("https://rp" + std::to_string(i), "c").value(), i);
  }
}

TEST(Batch, ClearForgetsEventsAndNames) {
  Batch batch;
  ASSERT_TRUE(batch.add(plain_event()).ok());
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.contents().series.size(), 0U);
  ASSERT_TRUE(batch.add(plain_event()).ok());
  EXPECT_EQ(batch.size(), 1U);
}

ErrorCode code_of(const Event& event) {
  Batch batch;
  const Status status = batch.add(event);
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(batch.empty());
  return status.ok() ? ErrorCode::kIo : status.error().code;
}

TEST(Batch, RefusesWhatIsOutsideItsRangeAndKeepsTheRest) {
  Event event = plain_event();
  event.time_ms = -1;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
  event.time_ms = kTimeMsMax + 1;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
  event = plain_event();
  event.weight = kWeightMin - 1;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
  event.weight = kWeightMax + 1;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
  event = plain_event();
  event.kind = EventKind(Outcome::kSuccess, UiShown::kNo, {Dialect::kChrome, 1});
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
}

TEST(Batch, AcceptsEveryLimitAndRefusesOneMore) {
  const auto fits = [](const Event& event) { return Batch().add(event).ok(); };
  Event event = plain_event();
  const std::string rp(kRpBytesMax + 1, 'r'), client(kClientBytesMax + 1, 'c');
  event.rp = std::string_view(rp).substr(1);
  event.client = std::string_view(client).substr(1);
  EXPECT_TRUE(fits(event));
  event.rp = rp;
  EXPECT_EQ(code_of(event), ErrorCode::kLimitExceeded);
  event.rp = "";
  event.client = client;
  EXPECT_EQ(code_of(event), ErrorCode::kLimitExceeded);

  std::vector<std::string> names;
  for (std::size_t i = 0; i <= kMeasuresPerEventMax; ++i) names.push_back("m" + std::to_string(i));
  std::vector<NamedValue> measures;
  for (const std::string& name : names) measures.push_back({name, 1});
  event = plain_event();
  event.measures = std::span(measures).first(kMeasuresPerEventMax);
  EXPECT_TRUE(fits(event));
  event.measures = measures;
  EXPECT_EQ(code_of(event), ErrorCode::kLimitExceeded);

  const std::string long_name(kMeasureNameBytesMax + 1, 'n');
  const NamedValue longest[] = {{std::string_view(long_name).substr(1), 1}};
  const NamedValue too_long[] = {{long_name, 1}};
  event.measures = longest;
  EXPECT_TRUE(fits(event));
  event.measures = too_long;
  EXPECT_EQ(code_of(event), ErrorCode::kLimitExceeded);
  const NamedValue unnamed[] = {{"", 1}};
  event.measures = unnamed;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
}

TEST(Batch, RefusesANameTwiceInOneEvent) {
  const NamedValue measures[] = {{"a", 1}, {"a", 2}};
  Event event = plain_event();
  event.measures = measures;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
  const NamedLabel labels[] = {{"browser", "Firefox"}, {"browser", "Chrome"}};
  event = plain_event();
  event.labels = labels;
  EXPECT_EQ(code_of(event), ErrorCode::kInvalidArgument);
}

TEST(Batch, HoldsTheMostEventsAndRefusesOneMore) {
  Batch batch;
  const auto series = batch.intern_series("", "");
  const auto shape = batch.intern_shape(EventKind(), kWeightMin, {}, {});
  for (std::size_t i = 0; i < kBatchEventsMax; ++i) {
    ASSERT_TRUE(batch.add_row(0, series.value(), shape.value(), {}).ok());
  }
  const Status status = batch.add_row(0, series.value(), shape.value(), {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(batch.size(), kBatchEventsMax);
}

TEST(Batch, NamesCountAgainstItsBytes) {
  Batch batch;
  std::string rp(kRpBytesMax, 'r');
  std::size_t names = 0;
  for (;; ++names) {
    rp.replace(0, 12, std::to_string(100'000'000'000 + names));
    const auto index = batch.intern_series(rp, {});
    if (index.ok()) continue;
    EXPECT_EQ(index.error().code, ErrorCode::kLimitExceeded);
    break;
  }
  EXPECT_EQ(names, kBatchBytesMax / kRpBytesMax);
  EXPECT_EQ(batch.intern_measure("m").error().code, ErrorCode::kLimitExceeded);
  batch.clear();
  EXPECT_TRUE(batch.intern_measure("m").ok());
}

}  // namespace
}  // namespace kpi
