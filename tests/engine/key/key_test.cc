#include "engine/key/key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace kpi {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += two;
  }
  return text;
}

bool within(const KeyRange& range, std::string_view key) {
  return range.begin <= key && key < range.end;
}

TEST(Key, GoldenBytes) {
  EXPECT_EQ(hex(encode(RawKey{0x5079, 1, 0x01020304, 24, 7}).view()),
            "507900000001010203041800000007");
  EXPECT_EQ(hex(encode(CellKey{0x5079, CellWidth::kHour, CellKind::kSketches, 5, 9}).view()),
            "507901010000000500000009");
  EXPECT_EQ(
      hex(encode(CellKey{0x4E1F, CellWidth::kDay, CellKind::kLabelCounts, 5, 9, 3, 0x0A0B}).view()),
      "4e1f020300000003000000050000000900000a0b");
  EXPECT_EQ(
      hex(encode(CellKey{0x4E1F, CellWidth::kDay, CellKind::kLabelSketches, 0, 0, 1, 0}).view()),
      "4e1f020400000001000000000000000000000000");
  EXPECT_EQ(hex(encode(NameKey{3, 0xABCDEF01}).view()), "03abcdef01");
  EXPECT_EQ(hex(encode_journal_key(0x0102030405060708).view()), "0102030405060708");
}

class KeyLaws : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint32_t word() {  // Edges often, so that every byte carries.
    const std::uint32_t edges[] = {0, 1, 0xFF, 0x100, 0xFFFF, 0x1000000, 0xFFFFFFFF};
    return rng_() % 2 == 0 ? edges[rng_() % std::size(edges)] : static_cast<std::uint32_t>(rng_());
  }
  RawKey raw_key() {
    return {static_cast<std::uint16_t>(word()), word(), word(),
            static_cast<std::uint8_t>(rng_() % 25), word()};
  }
  CellKey cell_key() {
    const auto width = static_cast<CellWidth>(rng_() % 3);
    const auto day = static_cast<std::uint16_t>(word());
    if (rng_() % 3 == 0) return {day, CellWidth::kDay, CellKind::kSlab, 0, word()};
    if (rng_() % 3 == 0) {
      const auto kind = static_cast<CellKind>(3 + rng_() % 2);
      return {partition_first_day(CellWidth::kDay, kind, day),
              CellWidth::kDay,
              kind,
              word(),
              word(),
              std::max(1U, word()),
              word()};
    }
    const auto kind = static_cast<CellKind>(rng_() % 2);
    return {partition_first_day(width, kind, day), width, kind, word(), word()};
  }
  std::mt19937_64 rng_{GetParam()};
};

TEST_P(KeyLaws, OrderOfBytesIsOrderOfTuplesAndDecodingGivesThemBack) {
  for (int i = 0; i < 200; ++i) {
    const RawKey a = raw_key(), b = raw_key();
    EXPECT_EQ(encode(a).view() < encode(b).view(), a < b);
    EXPECT_EQ(decode_raw_key(encode(a).view()).value(), a);
    const CellKey c = cell_key(), d = cell_key();
    EXPECT_EQ(encode(c).view() < encode(d).view(), c < d);
    EXPECT_EQ(decode_cell_key(encode(c).view()).value(), c);
    const NameKey e{static_cast<std::uint8_t>(rng_()), word()},
        f{static_cast<std::uint8_t>(rng_()), word()};
    EXPECT_EQ(encode(e).view() < encode(f).view(), e < f);
    EXPECT_EQ(decode_name_key(encode(e).view()).value(), e);
    const std::uint64_t g = rng_(), h = rng_();
    EXPECT_EQ(encode_journal_key(g).view() < encode_journal_key(h).view(), g < h);
    EXPECT_EQ(decode_journal_key(encode_journal_key(g).view()).value(), g);
  }
}

TEST_P(KeyLaws, RangesHoldTheirKeysAndNoOthers) {
  for (int i = 0; i < 200; ++i) {
    const RawKey a = raw_key(), b = raw_key();
    const auto key = encode(b);
    EXPECT_EQ(within(raw_range(a.day), key.view()), a.day == b.day);
    EXPECT_EQ(within(raw_range(a.day, a.rp), key.view()), a.day == b.day && a.rp == b.rp);
    EXPECT_EQ(within(raw_range(a.day, a.rp, a.series), key.view()),
              a.day == b.day && a.rp == b.rp && a.series == b.series);
    EXPECT_EQ(within(raw_days_before(a.day), key.view()), b.day < a.day);
    EXPECT_TRUE(within(raw_range(b.day, b.rp, b.series), key.view()));
    const CellKey c = cell_key(), d = cell_key();
    const auto cell = encode(d);
    const bool day = c.first_day == d.first_day, width = day && c.width == d.width;
    const bool kind = width && c.kind == d.kind;
    EXPECT_EQ(within(cell_range(c.first_day), cell.view()), day);
    EXPECT_EQ(within(cell_range(c.first_day, c.width), cell.view()), width);
    EXPECT_EQ(within(cell_range(c.first_day, c.width, c.kind), cell.view()), kind);
    if (is_label_kind(c.kind)) {
      EXPECT_EQ(within(label_cell_range(c.first_day, c.kind, c.rollup), cell.view()),
                kind && c.rollup == d.rollup);
    } else {
      EXPECT_EQ(within(cell_range(c.first_day, c.width, c.kind, c.rp), cell.view()),
                kind && c.rp == d.rp);
    }
    if (is_label_kind(d.kind)) {
      EXPECT_TRUE(within(label_cell_range(d.first_day, d.kind, d.rollup), cell.view()));
    } else {
      EXPECT_TRUE(within(cell_range(d.first_day, d.width, d.kind, d.rp), cell.view()));
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, KeyLaws, testing::Range<std::uint64_t>(0, 20));

TEST(Key, EveryOtherSizeIsCorruption) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string bytes(size, '\0');
    EXPECT_EQ(decode_raw_key(bytes).ok(), size == kRawKeyBytes);
    EXPECT_EQ(decode_cell_key(bytes).ok(), size == kCellKeyBytes);
    EXPECT_EQ(decode_name_key(bytes).ok(), size == kNameKeyBytes);
    EXPECT_EQ(decode_journal_key(bytes).ok(), size == kJournalKeyBytes);
  }
}

TEST(Key, FieldsBeyondTheirRangeAreCorruption) {
  const auto raw = [](std::uint8_t hour) {
    return decode_raw_key(encode(RawKey{1, 2, 3, hour, 4}).view());
  };
  EXPECT_TRUE(raw(kHourSparse).ok());
  ASSERT_FALSE(raw(kHourSparse + 1).ok());
  EXPECT_EQ(raw(kHourSparse + 1).error().code, ErrorCode::kCorruption);

  const auto cell = [](std::uint16_t day, int width, int kind, std::uint32_t rp) {
    const CellKey key{day, static_cast<CellWidth>(width), static_cast<CellKind>(kind), rp, 1};
    return decode_cell_key(encode(key).view()).ok();
  };
  EXPECT_TRUE(cell(7, 2, 1, 1));
  EXPECT_FALSE(cell(7, 3, 1, 1));
  EXPECT_FALSE(cell(7, 2, 5, 1));
  EXPECT_FALSE(cell(8, 2, 1, 1)) << "weeks begin at multiples of seven";
  EXPECT_TRUE(cell(8, 2, 2, 0)) << "slabs are of single days";
  EXPECT_FALSE(cell(7, 2, 3, 1)) << "label cells are of a rollup";
  const auto label = [](std::uint16_t day, CellWidth width) {
    return encode(CellKey{day, width, CellKind::kLabelCounts, 1, 1, 1, 0});
  };
  EXPECT_TRUE(decode_cell_key(label(7, CellWidth::kDay).view()).ok());
  EXPECT_FALSE(decode_cell_key(label(8, CellWidth::kDay).view()).ok());
  EXPECT_FALSE(decode_cell_key(label(7, CellWidth::kHour).view()).ok());
  const auto whole = label(7, CellWidth::kDay);
  for (std::size_t size = 0; size < kLabelCellKeyBytes; ++size) {
    EXPECT_FALSE(decode_cell_key(whole.view().substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(decode_cell_key(std::string(whole.view()) + '\0').ok());
  EXPECT_FALSE(cell(8, 1, 2, 0)) << "slabs are of days only";
  EXPECT_FALSE(cell(8, 2, 2, 1)) << "slabs are of no RP";
}

TEST(Partition, BucketsOfAMoment) {
  const std::int64_t time = 20'000 * kDayMs + 23 * kHourMs + 59 * kMinuteMs + 59'999;
  EXPECT_EQ(day_of(time), 20'000);
  EXPECT_EQ(bucket_of(CellWidth::kMinute, time), 1439U);
  EXPECT_EQ(bucket_of(CellWidth::kMinute, time + 1), 0U);
  EXPECT_EQ(bucket_of(CellWidth::kHour, time), 23U);
  EXPECT_EQ(bucket_of(CellWidth::kDay, time), 20'000U % 7);
  EXPECT_EQ(partition_first_day(CellWidth::kDay, CellKind::kCounts, 20'000), 19'999);
  EXPECT_EQ(partition_first_day(CellWidth::kDay, CellKind::kSlab, 20'000), 20'000);
  EXPECT_EQ(partition_first_day(CellWidth::kHour, CellKind::kCounts, 20'000), 20'000);
  EXPECT_EQ(bucket_begin_ms(CellWidth::kDay, 19'999, 1), 20'000 * kDayMs);
  EXPECT_EQ(bucket_begin_ms(CellWidth::kHour, 20'000, 23), 20'000 * kDayMs + 23 * kHourMs);
  EXPECT_EQ(partition_buckets(CellWidth::kMinute), 1440U);
  EXPECT_EQ(partition_buckets(CellWidth::kHour), 24U);
  EXPECT_EQ(partition_buckets(CellWidth::kDay), 7U);
}

}  // namespace
}  // namespace kpi
