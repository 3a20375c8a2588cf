// Damaged chunks are Corruption, and with a forged checksum still never a crash or a wild read.
#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstring>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/chunk/rice.h"
#include "tests/engine/chunk/events.h"

namespace kpi {
namespace {

void forge_checksum(std::string& bytes) {
  if (bytes.size() < 8) return;
  const std::uint64_t hash = XXH3_64bits(bytes.data() + 8, bytes.size() - 8);
  std::memcpy(bytes.data(), &hash, sizeof hash);
}

// The slice ends where the heap block ends.
Status decode(const std::string& bytes, EventColumns* events) {
  const std::unique_ptr<char[]> copy(new char[bytes.size()]);
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  ChunkSelection all;
  all.all_measures = all.labels = true;
  return decode_chunk({copy.get(), bytes.size()}, kSomeDayMs, all, events);
}

void expect_corruption(const std::string& bytes) {
  EventColumns events;
  const Status status = decode(bytes, &events);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
}

// What a forged chunk decodes to must be events that can be encoded again.
void expect_sound_or_refused(const std::string& bytes) {
  EventColumns events, again;
  if (!decode(bytes, &events).ok()) return;
  ASSERT_TRUE(decode(encode_chunk(events, {}), &again).ok());
  EXPECT_TRUE(same(again, events));
}

class ChunkDamage : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::string draw() {
    if (GetParam() % 2 == 0) return encode_chunk(draw_sign_ins(rng_, 60), kTurnaroundRule);
    return encode_chunk(draw_events(rng_, 40), {});
  }
  std::mt19937_64 rng_{GetParam()};
};

TEST_P(ChunkDamage, EveryTruncationIsCorruption) {
  const std::string bytes = draw();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_NO_FATAL_FAILURE(expect_corruption(bytes.substr(0, size)));
    std::string forged = bytes.substr(0, size);
    forge_checksum(forged);
    ASSERT_NO_FATAL_FAILURE(expect_corruption(forged)) << size << " of " << bytes.size();
  }
  std::string longer = bytes + '\0';
  forge_checksum(longer);
  expect_corruption(longer);
}

TEST_P(ChunkDamage, EveryChangedByteIsCorruption) {
  const std::string bytes = draw();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string bad = bytes;
    bad[at] = static_cast<char>(bad[at] ^ static_cast<char>(1 + rng_() % 255));
    ASSERT_NO_FATAL_FAILURE(expect_corruption(bad));
    forge_checksum(bad);
    ASSERT_NO_FATAL_FAILURE(expect_sound_or_refused(bad));
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, ChunkDamage, testing::Range<std::uint64_t>(0, 16));

// A chunk up to its labels: of `count` events at the same time, all successes.
std::string front(std::size_t count) {
  std::string bytes(8, '\0');
  bytes += '\1';
  append_varint(bytes, count);
  bytes += std::string(2, '\0');
  if (count > 1) append_rice(std::vector<std::uint32_t>(count - 1, 0), &bytes);
  bytes += std::string("\x04\x00\x00", 3);
  return bytes;
}

TEST(ChunkForged, TheFrontIsSoundByItself) {
  std::string bytes = front(kChunkEventsMax) + std::string(2, '\0');
  forge_checksum(bytes);
  EventColumns events;
  ASSERT_TRUE(decode(bytes, &events).ok());
  EXPECT_EQ(events.size(), kChunkEventsMax);
}

TEST(ChunkForged, MoreEventsThanTheLimitAreRefused) {
  std::string bytes = front(kChunkEventsMax + 1) + std::string(2, '\0');
  forge_checksum(bytes);
  expect_corruption(bytes);
  EXPECT_EQ(summarize_chunk(bytes, 0).error().code, ErrorCode::kCorruption);
}

TEST(ChunkForged, MoreLabelsThanTheLimitOfValuesAreRefused) {
  std::string bytes = front(kChunkEventsMax);
  const std::size_t labels = kChunkValuesMax / kChunkEventsMax + 1;
  append_varint(bytes, labels);
  for (std::size_t i = 0; i < labels; ++i) bytes += std::string("\x00\x01\x00", 3);
  bytes += '\0';
  forge_checksum(bytes);
  expect_corruption(bytes);
}

TEST(ChunkForged, MoreValuesThanTheLimitAreRefused) {
  std::string bytes = front(kChunkEventsMax) + '\0';
  const std::size_t measures = kChunkValuesMax / kChunkEventsMax + 1;
  append_varint(bytes, measures);
  for (std::size_t i = 0; i < measures; ++i) bytes += std::string("\x00\x00\x07\xFF", 4);
  forge_checksum(bytes);
  expect_corruption(bytes);
}

TEST(ChunkForged, AResidualOfAResidualIsRefused) {
  std::string bytes = front(1) + '\0' + '\2';
  bytes += std::string("\x01\x04\x02\x02\x02\x00\xFF", 7) +
           std::string("\x00\x04\x01\x01\x01\x00\xFF", 7);
  forge_checksum(bytes);
  expect_corruption(bytes);
}

TEST(ChunkForged, ANewerVersionIsUnsupported) {
  std::string bytes = front(1) + std::string(2, '\0');
  bytes[8] = 2;
  forge_checksum(bytes);
  EventColumns events;
  EXPECT_EQ(decode(bytes, &events).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(summarize_chunk(bytes, 0).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace kpi
