// Pins the bytes of engine/FORMAT.md: a failure here means that stored chunks cannot be read.
#include <gtest/gtest.h>

#include <string>

#include "tests/engine/chunk/events.h"

namespace kpi {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

constexpr EventKind kGood(Outcome::kSuccess, UiShown::kYes);
constexpr EventKind kBad(Outcome::kFailure, UiShown::kNo, {Dialect::kFedcm, 105});

TEST(ChunkGolden, OneEvent) {
  EventColumns events;
  events.times_ms = {kSomeDayMs + 1};
  events.kinds = {kGood};
  events.measures = {{2, {300}, {}}};
  EXPECT_EQ(hex(encode_chunk(events, {})), "949f96ee916612bd0101010006000000010200ac02ff");
}

TEST(ChunkGolden, EveryColumn) {
  EventColumns events;
  events.kinds = {kGood, kBad, kGood, kGood, kGood};
  events.weights = {1000, 2000, 1000, 1000, 4000};
  events.labels = {{1, {3, 0, 3, 4, 4}}, {6, {2, 2, 2, 2, 2}}};
  for (const std::int64_t at : {0, 5, 5, 1000, 90'000}) events.times_ms.push_back(kSomeDayMs + at);
  events.measures = {{1, {10, 11, 12, 13}, {0, 2, 3, 4}},
                     {5, {100, 200, 300, 400}, {0, 2, 3, 4}},
                     {6, {7, 7, 7, 7}, {0, 2, 3, 4}},
                     {7, {117, 218, 319, 420}, {0, 2, 3, 4}},
                     {8, {1, 2}, {1, 3}},
                     {9, {0, 0xFFFFFFFF}, {1, 3}},
                     {10, {1, 2, 3, 4, 5}, {}}};
  EXPECT_EQ(hex(encode_chunk(events, kTurnaroundRule)),
            "b1f7b8dce3ebab9f01050090bf05000e05050000303ea06e0701060101ff0199d20101e807090600"
            "d00300801b1d0402010300020000000696040401020701010a000625020301640703003292054b00"
            "0107ff000501050600ff00020201ff010001050003001e03000000c0ffffff0f1100000101040a2b"
            "01");
}

}  // namespace
}  // namespace kpi
