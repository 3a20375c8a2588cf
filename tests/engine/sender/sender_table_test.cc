// What is known of senders is told once: from memory, or as a snapshot of the same moment has it.
#include "engine/sender/sender_table.h"

#include <gtest/gtest.h>

#include <memory>

#include "engine/key/key.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

const TimeRange kAll{0, kTimeMsMax + 1};

class SenderTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::open(options_in(dir_), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    database_ = std::move(database).value();
    table_ = std::make_unique<SenderTable>(*database_, [] { return kNow; });
  }

  Status write(rocksdb::WriteBatch* batch) {
    EXPECT_TRUE(database_->db().Write(database_->write_options(), batch).ok());
    return ok_status();
  }
  void add(std::uint32_t rp, std::int64_t time_ms) {
    SenderTable::Adder(*table_).add(rp, time_ms, 1);
  }
  void flush(std::int64_t now_ms = kNow) {
    EXPECT_TRUE(table_->flush(now_ms, 0, [&](auto* batch) { return write(batch); }).ok());
  }
  std::vector<std::uint32_t> on_disk(const SenderTable::Parts& parts) const {
    rocksdb::ReadOptions options;
    options.snapshot = parts.on_disk->snapshot();
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db().NewIterator(options, database_->family(Family::kCells)));
    std::vector<std::uint32_t> numbers;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const auto key = decode_cell_key({it->key().data(), it->key().size()});
      EXPECT_TRUE(key.ok());
      numbers.push_back(key.value().series);
    }
    return numbers;
  }

  const TempDir dir_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<SenderTable> table_;
};

using Numbers = std::vector<std::uint32_t>;

TEST_F(SenderTableTest, APartIsReadAsItWasWhenThoseInMemoryWereCopied) {
  add(1, kNow);
  const SenderTable::Parts before = table_->parts(kAll, {});
  ASSERT_EQ(before.in_memory.size(), 1U);
  EXPECT_EQ(before.in_memory[0].part, 0U);
  const auto while_written = [&](rocksdb::WriteBatch* batch) {
    const SenderTable::Parts meanwhile = table_->parts(kAll, {});
    EXPECT_EQ(meanwhile.in_memory.at(0).part, 1U);
    EXPECT_EQ(on_disk(meanwhile), Numbers());
    add(2, kNow);  // Nobody waits for the write.
    return write(batch);
  };
  ASSERT_TRUE(table_->flush(kNow, 0, while_written).ok());
  EXPECT_EQ(on_disk(before), Numbers());
  const SenderTable::Parts after = table_->parts(kAll, {});
  EXPECT_EQ(after.in_memory.size(), 2U);
  EXPECT_EQ(on_disk(after), Numbers{1});
}

TEST_F(SenderTableTest, APartThatIsForgottenIsInTheSnapshotAndTheNextHasANumberOfItsOwn) {
  add(1, kNow - kDayMs);
  add(1, kNow);
  flush();
  flush();
  const SenderTable::Parts parts = table_->parts(kAll, {});
  ASSERT_EQ(parts.in_memory.size(), 1U);
  EXPECT_EQ(parts.in_memory[0].day, day_of(kNow));
  EXPECT_EQ(on_disk(parts), (Numbers{1, 1}));
  add(1, kNow - kDayMs);
  flush();
  EXPECT_EQ(on_disk(table_->parts(kAll, {})), (Numbers{1, 2, 1}));
}

TEST_F(SenderTableTest, WhatLiesBeyondTheNextHourIsLeftOut) {
  constexpr std::int64_t kEnd = (kNow / kHourMs + 2) * kHourMs;
  add(1, kEnd - 1);
  EXPECT_EQ(table_->left_out(), 0U);
  EXPECT_EQ(table_->entries(), 1U);
  add(2, kEnd);
  EXPECT_EQ(table_->left_out(), 1U);
  EXPECT_EQ(table_->entries(), 1U);
}

TEST_F(SenderTableTest, WhereHoursFindNoRoomTheQuietestGo) {
  constexpr std::int64_t kDay = kNow - kNow % kDayMs - kDayMs;
  for (int i = 0; i < 30; ++i) add(1, kDay);
  std::uint32_t rp = 2;
  for (std::size_t i = 0; i < 2 * kSenderEntriesMax; ++i) {
    add(rp, kDay + static_cast<std::int64_t>(i % 24) * kHourMs);
    if (i % 24 == 23) ++rp;
  }
  EXPECT_EQ(table_->parts(kAll, {}).in_memory.size(), table_->entries());
  EXPECT_LE(table_->entries(), kSenderEntriesMax / 24 + 2);
  std::uint64_t known = 0, loudest = 0;
  for (const SenderTable::Part& part : table_->parts(kAll, {}).in_memory) {
    for (const auto& [hour, counts] : part.hours) {
      known += counts.known;
      if (part.rp == 1) loudest += counts.known;
    }
  }
  EXPECT_EQ(loudest, 30U);
  EXPECT_EQ(known + table_->left_out(), 2 * kSenderEntriesMax + 30);
}

TEST_F(SenderTableTest, WhatIsWrittenIsNotLostToThoseWhoFindNoRoom) {
  for (std::uint32_t rp = 1; rp <= kSenderEntriesMax; ++rp) add(rp, kNow);
  flush();
  add(kSenderEntriesMax + 1, kNow);
  EXPECT_EQ(table_->entries(), kSenderEntriesMax);
  EXPECT_EQ(table_->left_out(), 0U);
  flush();
  EXPECT_EQ(on_disk(table_->parts(kAll, {})).size(), kSenderEntriesMax + 1);
}

}  // namespace
}  // namespace kpi::test
