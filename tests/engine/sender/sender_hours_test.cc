// The walk over what is known of senders ends when it is canceled, at any place of it.
#include "engine/read/sender_hours.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/key/key.h"
#include "engine/read/sender_counts.h"
#include "engine/sender/sender_parts.h"
#include "engine/sender/sender_table.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

constexpr std::uint32_t kRps = 50;
constexpr std::uint16_t kDays = 20;

class SenderHoursWalk : public ::testing::Test {
 protected:
  // A value of each RP and day, with each hour.
  void SetUp() override {
    auto database = Database::open(options_in(dir_), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    database_ = std::move(database).value();
    for (std::uint32_t rp = 1; rp <= kRps; ++rp) {
      dictionary_.intern(NameKind::kRp, 0, "https://rp" + std::to_string(rp));
    }
    SenderHours hours;
    for (std::uint32_t hour = 0; hour < 24; ++hour) hours[hour] = {2, 1};
    rocksdb::WriteBatch batch;
    for (std::uint16_t day = 1; day <= kDays; ++day) {
      for (std::uint32_t rp = 1; rp <= kRps; ++rp) {
        put_sender_part(*database_, day, rp, 1, hours, &batch);
      }
    }
    ASSERT_TRUE(database_->db().Write(database_->write_options(), &batch).ok());
    table_ = std::make_unique<SenderTable>(*database_, [] { return kNow; });
    source_.database = database_.get();
    source_.dictionary = &dictionary_;
  }

  // Canceled when so many hours were handed over; how many were.
  std::uint64_t canceled_at(std::uint64_t hour, ErrorCode* code) {
    std::stop_source stop;
    if (hour == 0) stop.request_stop();
    std::uint64_t seen = 0;
    const Status walked =
        for_each_sender_hour(source_, {0, kTimeMsMax + 1}, {}, stop.get_token(),
                             [&](std::int64_t, std::uint32_t, const SenderCounts&) {
                               if (++seen == hour) stop.request_stop();
                               return true;
                             });
    EXPECT_FALSE(walked.ok());
    *code = walked.ok() ? ErrorCode::kIo : walked.error().code;
    return seen;
  }

  const TempDir dir_;
  std::unique_ptr<Database> database_;
  Dictionary dictionary_;
  std::unique_ptr<SenderTable> table_;
  ReadSource source_;
};

// A day is handed over at a time: no value of another day is read after that.
TEST_F(SenderHoursWalk, EndsWhereItIsCanceled) {
  constexpr std::uint64_t kOfADay = kRps * 24;
  for (const bool with_memory : {false, true}) {
    source_.senders = with_memory ? table_.get() : nullptr;
    ErrorCode code = ErrorCode::kIo;
    EXPECT_EQ(canceled_at(0, &code), 0U);
    EXPECT_EQ(code, ErrorCode::kCanceled);
    EXPECT_EQ(canceled_at(1, &code), kOfADay);
    EXPECT_EQ(code, ErrorCode::kCanceled);
    EXPECT_EQ(canceled_at(7 * kOfADay, &code), 7 * kOfADay);
    EXPECT_EQ(code, ErrorCode::kCanceled);
  }
}

TEST_F(SenderHoursWalk, EndsWhereTheSinkHasEnough) {
  std::uint64_t seen = 0;
  const auto enough = [&](std::int64_t, std::uint32_t, const SenderCounts&) { return ++seen < 30; };
  EXPECT_TRUE(for_each_sender_hour(source_, {0, kTimeMsMax + 1}, {}, {}, enough).ok());
  EXPECT_EQ(seen, 30U);
}

// Those of other RPs are not even read.
TEST_F(SenderHoursWalk, IsOfNamedRps) {
  rocksdb::WriteBatch damaged;
  const auto key = encode(CellKey{3, CellWidth::kHour, CellKind::kSenders, 8, 1});
  ASSERT_TRUE(
      damaged.Put(database_->family(Family::kCells), {key.bytes.data(), key.size}, "x").ok());
  ASSERT_TRUE(database_->db().Write(database_->write_options(), &damaged).ok());
  {
    SenderTable::Adder adder(*table_);
    for (const std::uint32_t rp : {7U, 8U}) adder.add(rp, kNow, 1);
  }
  source_.senders = table_.get();
  const auto hours_of = [&](const SenderRps& rps) {
    std::uint64_t hours = 0;
    std::set<std::uint32_t> seen;
    const auto sink = [&](std::int64_t, std::uint32_t rp, const SenderCounts&) {
      seen.insert(rp);
      return ++hours > 0;
    };
    EXPECT_TRUE(for_each_sender_hour(source_, {0, kTimeMsMax + 1}, rps, {}, sink).ok());
    EXPECT_EQ(std::vector<std::uint32_t>(seen.begin(), seen.end()), *rps);
    return hours;
  };
  EXPECT_EQ(hours_of(std::vector<std::uint32_t>{}), 0U);
  EXPECT_EQ(hours_of(std::vector<std::uint32_t>{7}), kDays * 24U + 1);
  EXPECT_EQ(hours_of(std::vector<std::uint32_t>{1, 7, kRps}), 3 * kDays * 24U + 1);
  const auto any = [](std::int64_t, std::uint32_t, const SenderCounts&) { return true; };
  EXPECT_FALSE(for_each_sender_hour(source_, {0, kTimeMsMax + 1}, {}, {}, any).ok());
}

// The groups were read before: what is left of a canceled query is this.
TEST_F(SenderHoursWalk, ACanceledAnswerGetsNoSenders) {
  std::stop_source stop;
  stop.request_stop();
  AggregateRequest request;
  request.range = {0, kTimeMsMax + 1};
  request.senders = true;
  AggregateResult result;
  result.size = 1;
  ASSERT_TRUE(add_senders(source_, request, &result).ok());
  EXPECT_EQ(result.senders.at(0), (SenderCounts{2U * kRps * kDays * 24, kRps * kDays * 24}));
  request.stop = stop.get_token();
  const Status added = add_senders(source_, request, &result);
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, ErrorCode::kCanceled);
  EXPECT_EQ(result.senders.at(0), SenderCounts());
}

}  // namespace
}  // namespace kpi::test
