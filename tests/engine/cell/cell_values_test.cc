// The bytes of counts, sketches and slab values: golden, canonical, and safe to read whatever
// they are.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "engine/base/bytes.h"
#include "engine/cell/value_envelope.h"
#include "tests/engine/cell/cell_model.h"

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

// A value of these payload bytes, under a checksum that fits.
std::string sealed(std::string_view payload) {
  std::string value;
  begin_value(&value);
  value.append(payload);
  seal_value(&value);
  return value;
}

const EventKind kSuccess(Outcome::kSuccess, UiShown::kNo);
const EventKind kDenied(Outcome::kFailure, UiShown::kYes, {Dialect::kFedcm, 201});

TEST(CountsValue, GoldenBytes) {
  const CountsModel plain{{3, {{kSuccess, {300, 300'000}}, {kDenied, {2, 2000}}}},
                          {5, {{kSuccess, {1, 1000}}}}};
  EXPECT_EQ(hex(to_value(plain)), "01e3dc834e030a0405ac029599808001020203020501");
  const CountsModel weighted{{0, {{kSuccess, {2, 11'000}}}}};
  EXPECT_EQ(hex(to_value(weighted)), "01be87f8130005030502a846");
}

TEST(CountsValue, ReadsBackWhatWasWritten) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const CountsModel model = RandomCells(seed).counts();
    const std::string value = to_value(model);
    auto reader = CountsReader::open(value);
    ASSERT_TRUE(reader.ok());
    CountsModel back;
    while (reader.value().next()) {
      for (KindCount count; reader.value().next_kind(&count);) {
        back[reader.value().bucket()][count.kind] = {count.events, count.weight};
      }
    }
    ASSERT_TRUE(reader.value().status().ok());
    EXPECT_EQ(back, model);
  }
}

TEST(CountsValue, BucketsCanBePassedOverUnread) {
  const std::string value = to_value(RandomCells(7).counts());
  auto reader = CountsReader::open(value);
  ASSERT_TRUE(reader.ok());
  std::size_t buckets = 0;
  for (KindCount count; reader.value().next(); ++buckets) {
    if (buckets % 2 == 0) reader.value().next_kind(&count);
  }
  EXPECT_EQ(buckets, RandomCells(7).counts().size());
  EXPECT_TRUE(reader.value().status().ok());
}

Status read_all_counts(std::string_view value) {
  auto reader = CountsReader::open(value);
  if (!reader.ok()) return reader.error();
  while (reader.value().next()) {
    for (KindCount count; reader.value().next_kind(&count);) {
    }
  }
  return reader.value().status();
}

Status read_all_sketches(std::string_view value) {
  auto reader = SketchesReader::open(value);
  if (!reader.ok()) return reader.error();
  for (SketchesReader::Cursor cursor; reader.value().next_column(&cursor);) {
    while (cursor.buckets.next()) {
    }
    if (!cursor.buckets.status().ok()) return cursor.buckets.status();
  }
  return ok_status();
}

Status read_all_slab(std::string_view value) {
  auto reader = SlabReader::open(value);
  if (!reader.ok()) return reader.error();
  for (SlabEntry entry; reader.value().next(&entry);) {
  }
  return reader.value().status();
}

TEST(CountsValue, WhatNoWriterWritesIsCorruption) {
  const std::string bad[] = {
      {0},                             // A bucket without a size.
      {0, 5, 2, 5, 1},                 // A cell longer than the value.
      {0, 1, 0},                       // A cell of no kinds.
      {0, 4, 2, 5, 1, 0},              // A byte behind the last kind.
      {0, 3, 2, 5, 0},                 // No events.
      {0, 4, 3, 5, 1, 0},              // Weighted, but no weight is other than 1000.
      {0, 5, 4, 5, 1, 0, 1},           // A kind twice.
      {0, 3, 2, 5, 1, 0, 3, 2, 5, 1},  // A bucket twice.
      {0, 3, 2, 3, 1},                 // No such ui_shown.
      {0, 3, 2, 12, 1},                // No such outcome.
      {0, 4, 2, '\x90', 1, 1},         // An error without a dialect.
  };
  EXPECT_TRUE(read_all_counts(sealed(std::string{0, 3, 2, 5, 1})).ok());
  for (const std::string& payload : bad) {
    const Status status = read_all_counts(sealed(payload));
    ASSERT_FALSE(status.ok()) << hex(payload);
    EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
  }
}

TEST(CellValues, BucketsEndWithTheLargestPartition) {
  const std::string last = "\x9F\x0B", beyond = "\xA0\x0B";  // 1439 and 1440.
  static_assert(kPartitionBucketsMax == 1440);
  const std::string cell{3, 2, 5, 1}, column{2, 5, 4}, sketch{1, 9};
  EXPECT_TRUE(read_all_counts(sealed(last + cell)).ok());
  EXPECT_FALSE(read_all_counts(sealed(beyond + cell)).ok());
  EXPECT_TRUE(read_all_sketches(sealed(column + last + sketch)).ok());
  EXPECT_FALSE(read_all_sketches(sealed(column + beyond + sketch)).ok());
}

TEST(SketchesValue, GoldenBytes) {
  SketchesModel model;
  model[{2, Outcome::kSuccess}][4] = {{100, 1000}, {7, 1000}};
  model[{2, Outcome::kSuccess}][6] = {{5, 1000}};
  model[{9, Outcome::kFailure}][0] = {{1, 1000}};
  EXPECT_EQ(hex(to_value(model)), "0141ef5bed0409091d04040304075d0202020500020201");
}

TEST(SketchesValue, FindsEveryColumnAndBucketInPlace) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SketchesModel model = RandomCells(seed).sketches();
    const std::string value = to_value(model);
    const auto reader = SketchesReader::open(value);
    ASSERT_TRUE(reader.ok());
    for (std::uint32_t measure = 0; measure < 5; ++measure) {
      for (int outcome = 0; outcome < 3; ++outcome) {
        const SketchColumn column{measure, static_cast<Outcome>(outcome)};
        SketchBuckets buckets = reader.value().find(column);
        const auto expected = model.find(column);
        if (expected != model.end()) {
          for (const auto& [bucket, values] : expected->second) {
            ASSERT_TRUE(buckets.next());
            EXPECT_EQ(buckets.bucket(), bucket);
            EXPECT_EQ(Sketch::decode(buckets.sketch()).value().count(), values.size());
          }
        }
        EXPECT_FALSE(buckets.next());
        EXPECT_TRUE(buckets.status().ok());
      }
    }
  }
}

TEST(SketchesValue, WhatNoWriterWritesIsCorruption) {
  const std::string bad[] = {
      {},                                 // No directory.
      {2},                                // A directory that ends early.
      {2, 5, 3, 0, 1},                    // A body that ends early.
      {2, 5, 0},                          // A column of nothing.
      {2, 7, 3, 0, 1, 9},                 // No such outcome.
      {4, 5, 3, 0, 3, 0, 1, 9, 0, 1, 9},  // A column twice.
      {2, 5, 2, 0, 0},                    // A sketch of nothing.
      {2, 5, 3, 0, 2, 9},                 // A sketch that ends early.
      {2, 5, 6, 0, 1, 9, 0, 1, 9},        // A bucket twice.
      {0, 1},                             // Bytes behind the last body.
      {3, 5, 3, 1, 2, 3, 4, 0, 1, 9},     // Checksums apart, but the bodies are small.
  };
  EXPECT_TRUE(read_all_sketches(sealed(std::string{2, 5, 3, 0, 1, 9})).ok());
  EXPECT_TRUE(read_all_sketches(sealed(std::string{0})).ok());
  for (const std::string& payload : bad) {
    const Status status = read_all_sketches(sealed(payload));
    ASSERT_FALSE(status.ok()) << hex(payload);
    EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
  }
}

// Two columns of one bucket each whose bodies have `size` bytes together. Readers do not look into
// sketches, so any bytes will do.
std::string value_of_bodies(std::size_t size) {
  SketchesWriter writer;
  writer.begin();
  writer.begin_column({1, Outcome::kSuccess});
  writer.add(0, std::string(1000, 'a'));  // 3 bytes before it.
  writer.begin_column({2, Outcome::kSuccess});
  writer.add(0, std::string(size - 1000 - 6, 'b'));
  return std::string(writer.finish());
}

TEST(SketchesValue, LargeBodiesHaveChecksumsOfTheirOwn) {
  const std::string one = value_of_bodies(kBodiesUnderOneChecksumBytesMax);
  const std::string apart = value_of_bodies(kBodiesUnderOneChecksumBytesMax + 1);
  EXPECT_EQ(apart.size(), one.size() + 1 + 2 * sizeof(std::uint32_t));
  EXPECT_TRUE(read_all_sketches(one).ok());
  EXPECT_TRUE(read_all_sketches(apart).ok());
  std::string damaged_one = one, damaged_apart = apart;
  damaged_one.back() = damaged_apart.back() = 'c';  // In the second body.
  EXPECT_FALSE(SketchesReader::open(damaged_one).ok());
  const auto reader = SketchesReader::open(damaged_apart);
  ASSERT_TRUE(reader.ok());
  SketchBuckets intact = reader.value().find({1, Outcome::kSuccess});
  EXPECT_TRUE(intact.next());
  SketchBuckets damaged = reader.value().find({2, Outcome::kSuccess});
  EXPECT_FALSE(damaged.next());
  EXPECT_EQ(damaged.status().error().code, ErrorCode::kCorruption);
  EXPECT_FALSE(read_all_sketches(damaged_apart).ok());
}

TEST(SketchesValue, EveryFlippedBitOfALargeValueIsSeen) {
  const std::string apart = value_of_bodies(kBodiesUnderOneChecksumBytesMax + 1);
  for (std::size_t at = 0; at < apart.size(); ++at) {
    std::string flipped = apart;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    EXPECT_FALSE(read_all_sketches(flipped).ok()) << at;
  }
}

TEST(Slab, GoldenBytesOfTheFourForms) {
  const SlabModel model{{0, {5, 5000, 5000, 0, 0}},
                        {1, {5, 5000, 3000, 2000, 0}},
                        {9, {5, 5000, 2000, 2000, 1000}},
                        {4095, {2, 12'000, 10'000, 2000, 0}}};
  EXPECT_EQ(hex(to_value(model)), "01ead44b0100050105021e05020201d77f02904e904ed00f00");
}

TEST(Slab, ReadsBackWhatWasWritten) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SlabModel model = RandomCells(seed).slab();
    const std::string value = to_value(model);
    auto reader = SlabReader::open(value);
    ASSERT_TRUE(reader.ok());
    SlabModel back;
    for (SlabEntry entry; reader.value().next(&entry);) back[entry.index] = entry.counts;
    ASSERT_TRUE(reader.value().status().ok());
    EXPECT_EQ(back, model);
  }
}

TEST(Slab, AllSeriesOfASlabInAboutThreeBytesEach) {
  SlabModel model;
  for (std::uint32_t i = 0; i < kSeriesPerSlab; ++i) model[i] = {100, 100'000, 92'000, 8000, 0};
  EXPECT_LE(to_value(model).size(), 3 * kSeriesPerSlab + kEnvelopeBytes);
}

TEST(Slab, WhatNoWriterWritesIsCorruption) {
  const std::string bad[] = {
      {0},                        // A series without events.
      {0, 0},                     // Of no events.
      {1, 5, 6},                  // More failures than events.
      {1, 5, 0},                  // A form that a smaller one could have replaced.
      {2, 5, 3, 2, 0},            // Likewise.
      {3, 5, 0, 10, 0, 0},        // Likewise: no weight.
      {2, 5, 1, 1, 2},            // More shown failures than failures.
      "\x84\x80\x01\x05",         // Index 4096 + 1.
      {0, 5, '\xFC', '\x7F', 5},  // Index 4096, after index 0.
  };
  EXPECT_TRUE(read_all_slab(sealed(std::string{0, 5, '\xF8', '\x7F', 5})).ok()) << "index 4095";
  for (const std::string& payload : bad) {
    const Status status = read_all_slab(sealed(payload));
    ASSERT_FALSE(status.ok()) << hex(payload);
    EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
  }
}

TEST(Envelope, NewerVersionsAreUnsupportedAndEverythingElseIsCorruption) {
  std::string value = to_value(CountsModel{});
  EXPECT_TRUE(open_value(value, "x").ok());
  value[0] = kCellVersion + 1;
  EXPECT_EQ(open_value(value, "x").error().code, ErrorCode::kUnsupported);
  value[0] = 0;
  EXPECT_EQ(open_value(value, "x").error().code, ErrorCode::kCorruption);
  EXPECT_EQ(open_value("", "x").error().code, ErrorCode::kCorruption);
  EXPECT_EQ(open_value("\x01\x02\x03\x04", "x").error().code, ErrorCode::kCorruption);
}

// A checksum that fits does not make a reader trust what is behind it.
class HostileValues : public testing::TestWithParam<std::uint64_t> {};
TEST_P(HostileValues, AreReadWithoutLeavingTheSlice) {
  RandomCells cells(GetParam());
  for (const std::string& value :
       {to_value(cells.counts()), to_value(cells.sketches()), to_value(cells.slab())}) {
    for (int i = 0; i < 100; ++i) {
      std::string payload = value.substr(kEnvelopeBytes);
      for (std::uint32_t n = cells.below(4); n > 0 && !payload.empty(); --n) {
        payload[cells.below(static_cast<std::uint32_t>(payload.size()))] =
            static_cast<char>(cells.below(256));
      }
      payload.resize(cells.below(static_cast<std::uint32_t>(payload.size()) + 1));
      const std::string hostile = sealed(payload);
      for (const Status& status :
           {read_all_counts(hostile), read_all_sketches(hostile), read_all_slab(hostile)}) {
        if (!status.ok()) {
          EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
        }
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, HostileValues, testing::Range<std::uint64_t>(0, 20));

}  // namespace
}  // namespace kpi
