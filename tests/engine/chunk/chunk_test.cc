#include "engine/chunk/chunk.h"

#include <gtest/gtest.h>

#include "tests/engine/chunk/events.h"

namespace kpi {
namespace {

ChunkSelection everything() {
  ChunkSelection selection;
  selection.all_measures = selection.labels = true;
  return selection;
}

EventColumns decode(const std::string& bytes, const ChunkSelection& selection = everything()) {
  EventColumns events;
  const Status status = decode_chunk(bytes, kSomeDayMs, selection, &events);
  EXPECT_TRUE(status.ok());
  return events;
}

class ChunkRoundTrip : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ChunkRoundTrip, AllColumnsComeBack) {
  std::mt19937_64 rng(GetParam());
  EventColumns reused;
  for (const std::size_t count : {1U, 2U, 3U, 9U, 64U, 500U}) {
    const EventColumns events = draw_events(rng, count);
    ResidualRule rule;  // Any ids: where it does not apply it is not used.
    if (events.measures.size() > 4 && rng() % 2 == 0) {
      rule = {events.measures[rng() % 5].id,
              {events.measures[0].id, events.measures[2].id, events.measures[3].id}};
    }
    const std::string bytes = encode_chunk(events, rule);
    EXPECT_TRUE(same(decode(bytes), events)) << count;
    ASSERT_TRUE(decode_chunk(bytes, kSomeDayMs, everything(), &reused).ok());
    EXPECT_TRUE(same(reused, events)) << "into used memory, " << count;
    const ChunkSummary summary = summarize_chunk(bytes, kSomeDayMs).value();
    EXPECT_EQ(summary.events, count);
    EXPECT_EQ(summary.first_ms, events.times_ms.front());
    EXPECT_EQ(summary.last_ms, events.times_ms.back());
  }
}

TEST_P(ChunkRoundTrip, ASelectionGivesTheSameColumns) {
  std::mt19937_64 rng(GetParam());
  for (const bool sign_ins : {false, true}) {
    const EventColumns all = sign_ins ? draw_sign_ins(rng, 300) : draw_events(rng, 300);
    const std::string bytes = encode_chunk(all, kTurnaroundRule);
    EventColumns expected = all;
    std::erase_if(expected.measures, [&](const auto&) { return rng() % 2 == 0; });
    std::vector<std::uint32_t> ids{999'999};  // One that no event has.
    for (const auto& measure : expected.measures) ids.push_back(measure.id);
    std::shuffle(ids.begin(), ids.end(), rng);
    ChunkSelection selection;
    selection.measures = ids;
    if ((selection.kinds = rng() % 2 == 0); !selection.kinds) expected.kinds.clear();
    if ((selection.weights = rng() % 2 == 0); !selection.weights) expected.weights.clear();
    if ((selection.labels = rng() % 2 == 0); !selection.labels) expected.labels.clear();
    EXPECT_TRUE(same(decode(bytes, selection), expected));
  }
}

TEST_P(ChunkRoundTrip, TheResidualTargetComesBackAlone) {
  std::mt19937_64 rng(GetParam());
  const EventColumns events = draw_sign_ins(rng, 400);
  const std::string bytes = encode_chunk(events, kTurnaroundRule);
  EXPECT_LT(bytes.size() + 500, encode_chunk(events, {}).size());
  ChunkSelection selection;
  selection.measures = std::span(&kTurnaroundRule.target, 1);
  EXPECT_EQ(decode(bytes, selection).measures[0].values, events.measures[6].values);
}
INSTANTIATE_TEST_SUITE_P(Seeds, ChunkRoundTrip, testing::Range<std::uint64_t>(0, 60));

TEST(Chunk, ABrokenIdentityStillRoundTrips) {
  std::mt19937_64 rng(1);
  EventColumns events = draw_sign_ins(rng, 200);
  events.measures[6].values[17] = 0;
  events.measures[6].values[18] = 0xFFFFFFFF;
  EXPECT_TRUE(same(decode(encode_chunk(events, kTurnaroundRule)), events));
  for (auto& value : events.measures[6].values) value = static_cast<std::uint32_t>(rng() % 9);
  EXPECT_TRUE(same(decode(encode_chunk(events, kTurnaroundRule)), events));
}

TEST(Chunk, ARuleNeedsTheSameEventsInAllFour) {
  std::mt19937_64 rng(2);
  EventColumns events = draw_sign_ins(rng, 200);
  events.measures[4].values.pop_back();
  events.measures[4].rows.pop_back();
  EXPECT_TRUE(same(decode(encode_chunk(events, kTurnaroundRule)), events));
  events.measures.erase(events.measures.begin() + 5);
  EXPECT_TRUE(same(decode(encode_chunk(events, kTurnaroundRule)), events));
}

TEST(Chunk, WeightsOf1000AndRowsOfEveryEventComeBackEmpty) {
  std::mt19937_64 rng(3);
  EventColumns events = draw_times_and_kinds(rng, 5);
  events.measures.push_back({1, {1, 2, 3, 4, 5}, {}});
  const std::string bytes = encode_chunk(events, {});
  events.weights.assign(5, 1000);
  events.measures[0].rows = {0, 1, 2, 3, 4};
  EXPECT_EQ(encode_chunk(events, {}), bytes);
  EXPECT_TRUE(decode(bytes).weights.empty());
  EXPECT_TRUE(decode(bytes).measures[0].rows.empty());
}

TEST(Chunk, AListOfEventsIsWrittenOnceForMeasuresInARow) {
  std::mt19937_64 rng(4);
  EventColumns events = draw_times_and_kinds(rng, 400);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < 400; ++i) {
    if (rng() % 2 == 0) rows.push_back(i);
  }
  add_measure(events, 1, std::vector<std::uint32_t>(rows.size(), 5), rows);
  const std::size_t one = encode_chunk(events, {}).size();
  add_measure(events, 2, std::vector<std::uint32_t>(rows.size(), 5), rows);
  EXPECT_LE(encode_chunk(events, {}).size(), one + 4);
}

TEST(Chunk, TheWholeDayFitsAndTheLimitOfEventsHolds) {
  std::mt19937_64 rng(5);
  EventColumns events = draw_sign_ins(rng, kChunkEventsMax);
  events.times_ms.front() = kSomeDayMs;
  events.times_ms.back() = kSomeDayMs + kDayMs - 1;
  EXPECT_TRUE(same(decode(encode_chunk(events, kTurnaroundRule)), events));
  EventColumns more = draw_times_and_kinds(rng, kChunkEventsMax + 1);
  EXPECT_DEATH(encode_chunk(more, {}), "kChunkEventsMax");
  EXPECT_DEATH(encode_chunk(EventColumns{}, {}), "kChunkEventsMax");
}

TEST(Chunk, WeightsAtTheirLimitsComeBackAndBeyondIsABug) {
  std::mt19937_64 rng(6);
  EventColumns events = draw_times_and_kinds(rng, 2);
  events.weights = {kWeightMin, kWeightMax};
  EXPECT_EQ(decode(encode_chunk(events, {})).weights, events.weights);
  events.weights = {kWeightMin - 1, kWeightMax};
  EXPECT_DEATH(encode_chunk(events, {}), "kWeightMin");
  events.weights = {kWeightMin, kWeightMax + 1};
  EXPECT_DEATH(encode_chunk(events, {}), "kWeightMax");
}

}  // namespace
}  // namespace kpi
