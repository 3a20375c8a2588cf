#include "engine/live/live.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "engine/base/bytes.h"
#include "engine/live/row_decoder.h"

namespace kpi {
namespace {

constexpr TimeRange kAll{};

Shape shape_of(Outcome outcome, std::vector<std::uint32_t> measures) {
  Shape shape;
  shape.kind = EventKind(outcome, UiShown::kUnknown);
  shape.measures = std::move(measures);
  return shape;
}

void add(Live& live, std::uint32_t series, std::uint64_t group, std::int64_t time_ms,
         std::uint32_t value) {
  Generation& generation = live.active();
  const std::uint32_t shape = generation.intern(shape_of(Outcome::kSuccess, {1}));
  std::string bytes;
  append_varint(bytes, value);
  const std::unique_lock lock(generation.mutex);
  generation.add(series, shape, group, time_ms, bytes);
}

std::vector<std::uint32_t> values(const LiveView& view, std::uint32_t series,
                                  TimeRange range = kAll) {
  EventColumns events;
  view.read(series, range, &events);
  return events.measures.empty() ? std::vector<std::uint32_t>{} : events.measures[0].values;
}

TEST(Live, AViewSeesTheGroupsThatWerePublishedBeforeIt) {
  Live live(0);
  add(live, 7, 1, 1000, 11);
  live.publish(1);
  add(live, 7, 2, 1001, 22);
  const LiveView before = live.take().view;
  live.publish(2);
  const LiveView after = live.take().view;
  EXPECT_EQ(values(before, 7), (std::vector<std::uint32_t>{11}));
  EXPECT_EQ(values(after, 7), (std::vector<std::uint32_t>{11, 22}));
}

TEST(Live, ASealReplacesWhatWasSetApartByWhatItCarries) {
  Live live(4);
  add(live, 7, 1, 1000, 11);
  live.publish(1);
  live.freeze();
  add(live, 7, 2, 1001, 22);
  live.publish(2);
  EXPECT_EQ(live.take().seal, 4U);
  EXPECT_EQ(values(live.take().view, 7), (std::vector<std::uint32_t>{11, 22}));
  const LiveView old = live.take().view;
  live.replace_frozen(nullptr, 5);
  EXPECT_EQ(live.take().seal, 5U);
  EXPECT_EQ(values(live.take().view, 7), (std::vector<std::uint32_t>{22}));
  EXPECT_EQ(values(old, 7), (std::vector<std::uint32_t>{11, 22}));
}

TEST(Live, ReadingCutsByTimeAndNamesSeriesAscending) {
  Live live(0);
  for (std::uint32_t i = 0; i < 1000; ++i) add(live, 1 + i % 3, 1, i, i);
  live.publish(1);
  const LiveView view = live.take().view;
  EXPECT_EQ(view.series(), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(values(view, 1, {300, 309}), (std::vector<std::uint32_t>{300, 303, 306}));
  EXPECT_TRUE(values(view, 9).empty());
}

class LiveRandom : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LiveRandom, ColumnsHoldWhatRowsSaid) {
  std::mt19937_64 random(GetParam());
  Live live(0);
  std::map<std::uint32_t, std::vector<std::map<std::uint32_t, std::uint32_t>>> expected;
  for (int i = 0; i < 2000; ++i) {
    const auto series = static_cast<std::uint32_t>(1 + random() % 5);
    std::map<std::uint32_t, std::uint32_t> row;
    std::vector<std::uint32_t> measures;
    std::string bytes;
    for (std::uint32_t id = 1; id <= 6; ++id) {
      if (random() % 3 == 0) continue;
      row[id] = static_cast<std::uint32_t>(random());
      measures.push_back(id);
      append_varint(bytes, row[id]);
    }
    Generation& generation = live.active();
    const std::uint32_t shape = generation.intern(shape_of(Outcome::kUnknown, measures));
    const std::unique_lock lock(generation.mutex);
    generation.add(series, shape, 1, static_cast<std::int64_t>(random() % 1'000'000), bytes);
    expected[series].push_back(row);
  }
  live.publish(1);
  for (const auto& [series, rows] : expected) {
    EventColumns events;
    live.take().view.read(series, kAll, &events);
    ASSERT_EQ(events.size(), rows.size());
    std::vector<std::map<std::uint32_t, std::uint32_t>> found(rows.size());
    for (const EventColumns::Measure& measure : events.measures) {
      for (std::size_t i = 0; i < measure.values.size(); ++i) {
        found[measure.rows.empty() ? i : measure.rows[i]][measure.id] = measure.values[i];
      }
    }
    EXPECT_EQ(found, rows);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LiveRandom, testing::Range<std::uint64_t>(0, 20));

}  // namespace
}  // namespace kpi
