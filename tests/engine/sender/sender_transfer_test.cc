// What is known of senders leaves a store and comes into another as it is.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "kpi/transfer.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

constexpr std::int64_t kHour = kNow - kNow % kHourMs;  // The hour that goes on.
constexpr const char* kA = "https://a";

using Hours = std::vector<std::tuple<std::string, std::int64_t, std::uint64_t, std::uint64_t>>;

class SenderTransfer : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> open_store(std::string_view name) {
    EngineOptions options = options_in(dir_);
    options.dir = dir_.path() / name;
    return open(options);
  }

  static void send(Engine& engine, std::uint64_t sender, int events, std::int64_t begin_ms) {
    Batch batch;
    batch.set_sender(sender);
    for (int i = 0; i < events; ++i) ASSERT_TRUE(batch.add(plain_event(begin_ms + i)).ok());
    ASSERT_TRUE(engine.append(std::move(batch)).ok());
  }

  static Hours hours(const Engine& engine) {
    Hours found;
    const auto transfer = engine.transfer();
    EXPECT_TRUE(transfer.ok());
    const auto sink = [&](const PortableSenders& hour) {
      found.emplace_back(hour.rp, hour.begin_ms, hour.counts.known, hour.counts.largest);
      return true;
    };
    EXPECT_TRUE(transfer.value().rest->for_each_senders({}, sink).ok());
    return found;
  }

  static Status import(Engine& engine, const std::vector<PortableSenders>& senders) {
    TransferBatch batch;
    batch.senders = senders;
    return engine.import(batch, {});
  }

  static std::string refusal(Engine& engine, const PortableSenders& hour) {
    const Status imported = import(engine, {{kA, kHour, {1, 1}}, hour});
    EXPECT_FALSE(imported.ok());
    if (imported.ok()) return {};
    EXPECT_EQ(imported.error().code, ErrorCode::kInvalidArgument);
    return imported.error().message;
  }

  const TempDir dir_;
};

// Also of what is in memory, and of an hour that several lives of the store knew.
TEST_F(SenderTransfer, TellsEachHourOnce) {
  for (const int reports : {3, 5}) {
    const auto engine = open_store("from");
    send(*engine, 1, reports, kHour - kDayMs);
  }
  const auto engine = open_store("from");
  send(*engine, 1, 2, kHour - kDayMs);
  send(*engine, 2, 4, kHour);
  send(*engine, 0, 9, kHour);
  EXPECT_EQ(hours(*engine), (Hours{{kA, kHour - kDayMs, 10, 5}, {kA, kHour, 4, 4}}));
  int told = 0;
  const auto transfer = engine->transfer();
  const auto enough = [&](const PortableSenders&) { return ++told < 1; };
  EXPECT_TRUE(transfer.value().rest->for_each_senders({}, enough).ok());
  EXPECT_EQ(told, 1);
}

// Of an hour that is taken in twice, or goes on here, the larger count is the surer.
TEST_F(SenderTransfer, TakesPartsBesideThoseThatAreThere) {
  const auto engine = open_store("to");
  ASSERT_TRUE(engine->adopt({}).ok());
  ASSERT_TRUE(import(*engine, {{kA, kHour, {10, 6}}, {kA, kHour - kHourMs, {7, 0}}}).ok());
  ASSERT_TRUE(import(*engine, {{kA, kHour, {4, 3}}, {kA, kHour, {2, 1}}}).ok());
  EXPECT_EQ(hours(*engine), (Hours{{kA, kHour - kHourMs, 7, 0}, {kA, kHour, 16, 6}}));
  send(*engine, 1, 8, kHour);
  ASSERT_TRUE(engine->flush().ok());
  ASSERT_TRUE(import(*engine, {{kA, kHour, {1, 1}}, {"https://b", kHour, {1, 1}}}).ok());
  send(*engine, 1, 1, kHour);
  ASSERT_TRUE(engine->flush().ok());
  const Hours expected = {
      {kA, kHour - kHourMs, 7, 0}, {kA, kHour, 26, 9}, {"https://b", kHour, 1, 1}};
  EXPECT_EQ(hours(*engine), expected);
  ASSERT_TRUE(engine->close().ok());
  EXPECT_EQ(hours(*open_store("to")), expected);
}

TEST_F(SenderTransfer, TakesNothingThatCannotBe) {
  const auto engine = open_store("to");
  EXPECT_EQ(refusal(*engine, {kA, kHour, {1, 1}}),
            "a head was expected before the first cell, senders or document");
  ASSERT_TRUE(engine->adopt({}).ok());
  const std::string report =
      "senders 2: at least one report, and no more of the largest sender,"
      " was expected";
  EXPECT_EQ(refusal(*engine, {kA, kHour, {0, 0}}), report);
  EXPECT_EQ(refusal(*engine, {kA, kHour, {1, 2}}), report);
  EXPECT_EQ(refusal(*engine, {kA, kHour, {~std::uint64_t{0}, 1}}), report);
  for (const std::int64_t begin_ms : {kHour + 1, -kHourMs, kTimeMsMax + 1}) {
    EXPECT_EQ(refusal(*engine, {kA, begin_ms, {1, 1}}),
              "senders 2: a begin at a whole hour was expected");
  }
  const std::string longest(kRpBytesMax, 'a'), longer(kRpBytesMax + 1, 'a');
  EXPECT_NE(refusal(*engine, {longer, kHour, {1, 1}}).find("senders 2: an RP"), std::string::npos);
  EXPECT_EQ(hours(*engine), Hours());
  EXPECT_TRUE(import(*engine, {{longest, kHour, {1, 1}}}).ok());
  const std::vector<PortableSenders> most(kTransferItemsMax, {kA, kHour, {1, 1}});
  EXPECT_TRUE(import(*engine, most).ok());
  std::vector<PortableSenders> more = most;
  more.push_back(most.front());
  EXPECT_EQ(import(*engine, more).error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(hours(*engine), (Hours{{longest, kHour, 1, 1}, {kA, kHour, kTransferItemsMax, 1}}));
}

// As the cells of hours are.
TEST_F(SenderTransfer, LeavesOutWhatHasAgedOut) {
  const auto engine = open_store("to");
  TransferHead head;
  head.hour_from_ms = kHour - kHour % kDayMs;
  ASSERT_TRUE(engine->adopt(head).ok());
  ASSERT_TRUE(
      import(*engine, {{kA, head.hour_from_ms, {2, 1}}, {kA, head.hour_from_ms - kHourMs, {1, 1}}})
          .ok());
  EXPECT_EQ(hours(*engine), (Hours{{kA, head.hour_from_ms, 2, 1}}));
}

}  // namespace
}  // namespace kpi::test
