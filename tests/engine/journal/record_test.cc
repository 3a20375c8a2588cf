#include "engine/journal/record.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "engine/base/bytes.h"

namespace kpi {
namespace {

std::uint32_t label_of(std::uint32_t value) { return value < 100 ? value + 1000 : 0; }

Shape shape_of(EventKind kind, std::vector<std::uint32_t> measures,
               std::vector<std::uint32_t> label_values) {
  return {kind, 1000, std::move(measures), std::move(label_values), {}};
}

std::string sample_record() {
  RecordBuilder builder;
  const auto success =
      builder.add_shape(shape_of(EventKind(Outcome::kSuccess, UiShown::kUnknown), {1, 2}, {7}));
  const auto failure = builder.add_shape(
      shape_of(EventKind(Outcome::kFailure, UiShown::kYes, {Dialect::kChrome, 200}), {}, {}));
  builder.add_row(1000, 5, success, std::string_view("\x01\xAC\x02", 3));
  builder.add_row(999, 6, failure, {});
  return std::string(builder.finish());
}

TEST(JournalRecord, ReadsBackWhatWasWritten) {
  const std::string record = sample_record();
  Result<RecordReader> reader = RecordReader::open(record, label_of);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  ASSERT_EQ(reader.value().shapes().size(), 2U);
  EXPECT_EQ(reader.value().shapes()[0].labels, std::vector<std::uint32_t>{1007});
  RecordReader::Row row;
  ASSERT_TRUE(reader.value().next(&row).value());
  EXPECT_EQ(row.time_ms, 1000);
  EXPECT_EQ(row.series, 5U);
  EXPECT_EQ(row.values, std::string_view("\x01\xAC\x02", 3));
  ASSERT_TRUE(reader.value().next(&row).value());
  EXPECT_EQ(row.time_ms, 999);
  EXPECT_EQ(row.shape, 1U);
  EXPECT_FALSE(reader.value().next(&row).value());
}

TEST(JournalRecord, BytesAreFrozen) {
  const std::string record = sample_record();
  std::string hex;
  for (const char byte : record.substr(8)) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(byte));
    hex += text;
  }
  EXPECT_EQ(hex,
            "01"  // version
            "02"  // shapes
            "04e807020102"
            "0107"                // success, weight 1000, measures 1 2, label value 7
            "8a99808002e8070000"  // chrome 200 with UI
            "02"                  // rows
            "0500d00f01ac02"      // series 5, shape 0, +1000 ms, 1, 300
            "060101");            // series 6, shape 1, -1 ms
}

TEST(JournalRecord, AnyDamageIsCorruption) {
  const std::string record = sample_record();
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(RecordReader::open(std::string_view(record).substr(0, size), label_of).ok());
  }
  for (std::size_t at = 0; at < record.size(); ++at) {
    std::string damaged = record;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    EXPECT_FALSE(RecordReader::open(damaged, label_of).ok()) << at;
  }
}

TEST(JournalRecord, ALabelValueWithoutANameIsCorruption) {
  RecordBuilder builder;
  builder.add_shape(shape_of(EventKind(), {}, {100}));
  const std::string record(builder.finish());
  const auto reader = RecordReader::open(record, label_of);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code, ErrorCode::kCorruption);
}

class JournalRecordRandom : public testing::TestWithParam<std::uint64_t> {};

TEST_P(JournalRecordRandom, RoundTrips) {
  std::mt19937_64 random(GetParam());
  RecordBuilder builder;
  for (int round = 0; round < 3; ++round) {  // A builder is used again and again.
    std::vector<RecordReader::Row> rows;
    std::vector<std::string> values;
    const std::size_t shapes = 1 + random() % 5;
    for (std::size_t i = 0; i < shapes; ++i) {
      builder.add_shape(shape_of(EventKind(), std::vector<std::uint32_t>(i, 9), {}));
    }
    const std::size_t count = random() % 200;
    for (std::size_t i = 0; i < count; ++i) {
      RecordReader::Row row;
      row.time_ms = static_cast<std::int64_t>(random() % 4'000'000'000'000);
      row.series = 1 + static_cast<std::uint32_t>(random() % 4'000'000'000);
      row.shape = static_cast<std::uint32_t>(random() % shapes);
      std::string bytes;
      for (std::uint32_t m = 0; m < row.shape; ++m) {
        append_varint(bytes, static_cast<std::uint32_t>(random()));
      }
      values.push_back(bytes);
      rows.push_back(row);
      builder.add_row(row.time_ms, row.series, row.shape, bytes);
    }
    const std::string record(builder.finish());
    Result<RecordReader> reader = RecordReader::open(record, label_of);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    RecordReader::Row row;
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(reader.value().next(&row).value());
      EXPECT_EQ(row.time_ms, rows[i].time_ms);
      EXPECT_EQ(row.series, rows[i].series);
      EXPECT_EQ(row.shape, rows[i].shape);
      EXPECT_EQ(row.values, values[i]);
    }
    EXPECT_FALSE(reader.value().next(&row).value());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, JournalRecordRandom, testing::Range<std::uint64_t>(0, 50));

}  // namespace
}  // namespace kpi
