// Damaged bytes are Corruption or another sound sketch: never a crash, never a read outside.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "tests/engine/sketch/sketches.h"

namespace kpi {
namespace {

// A copy of the exact size on the heap, so that a sanitizer sees the first byte read beyond.
struct Slice {
  explicit Slice(std::string_view bytes) : data(new char[bytes.size()]), size(bytes.size()) {
    std::memcpy(data.get(), bytes.data(), size);
  }
  std::string_view view() const { return {data.get(), size}; }
  std::unique_ptr<char[]> data;
  std::size_t size;
};

void read_all(const SketchView& view) {
  for (const double q : {0.0, 0.001, 0.25, 0.5, 0.9, 0.999999999, 1.0}) view.quantile(q);
  for (const std::uint32_t bound : {0U, 100U, 3000U, 500'000U, 0xFFFFFFFFU}) {
    const auto fraction = view.fraction_at_most(bound);
    EXPECT_TRUE(!fraction || (*fraction >= 0 && *fraction <= 1));
  }
  view.bins();
}

// What decodes must be consistent: the bytes are those of a builder that was given its parts.
void expect_sound_or_refused(std::string_view bytes) {
  const Slice slice(bytes);
  const auto view = SketchView::parse(slice.view());
  if (view.ok()) read_all(view.value());
  SketchBuilder builder;
  const bool merged = builder.merge_bytes(slice.view()).ok();
  const auto decoded = Sketch::decode(slice.view());
  if (!decoded.ok()) {
    EXPECT_EQ(decoded.error().code, ErrorCode::kCorruption);
    return;
  }
  ASSERT_TRUE(view.ok() && merged);
  EXPECT_EQ(builder.build(), decoded.value());
  std::uint64_t weight = 0;
  for (const auto& bin : decoded.value().bins()) weight += bin.weight;
  EXPECT_EQ(weight, decoded.value().weight());
}

class SketchDamage : public testing::TestWithParam<std::uint64_t> {};
TEST_P(SketchDamage, EveryTruncationIsRefused) {
  std::mt19937_64 rng(GetParam());
  for (const std::size_t count : {1U, 5U, 16U, 17U, 40U, 300U, 3000U}) {
    for (const bool weighted : {false, true}) {
      const Spread spread = kSpreads[rng() % std::size(kSpreads)];
      const std::string bytes = summarise(draw(rng, spread, count, weighted)).bytes();
      for (std::size_t size = 1; size < bytes.size(); ++size) {
        const Slice slice(std::string_view(bytes).substr(0, size));
        EXPECT_FALSE(Sketch::decode(slice.view()).ok()) << size;
        EXPECT_FALSE(SketchView::parse(slice.view()).ok()) << size;
      }
      EXPECT_FALSE(Sketch::decode(bytes + '\0').ok());
    }
  }
}

TEST_P(SketchDamage, EveryChangedByteIsSoundOrRefused) {
  std::mt19937_64 rng(GetParam());
  for (const std::size_t count : {1U, 5U, 16U, 17U, 19U, 40U, 300U}) {
    for (const bool weighted : {false, true}) {
      const Spread spread = kSpreads[rng() % std::size(kSpreads)];
      const std::string bytes = summarise(draw(rng, spread, count, weighted)).bytes();
      for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string bad = bytes;
        bad[at] = static_cast<char>(bad[at] ^ static_cast<char>(1 + rng() % 255));
        ASSERT_NO_FATAL_FAILURE(expect_sound_or_refused(bad));
      }
    }
  }
}

TEST_P(SketchDamage, NoiseIsSoundOrRefused) {
  std::mt19937_64 rng(GetParam());
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(1 + rng() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(rng());
    bytes[0] = static_cast<char>(rng() % 64);
    ASSERT_NO_FATAL_FAILURE(expect_sound_or_refused(bytes));
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, SketchDamage, testing::Range<std::uint64_t>(0, 6));

TEST(SketchDamage, LongFormsOfNumbersAreRefused) {
  EXPECT_TRUE(Sketch::decode(std::string("\x02\x07", 2)).ok());
  EXPECT_FALSE(Sketch::decode(std::string("\x82\x00\x07", 3)).ok());
  EXPECT_FALSE(Sketch::decode(std::string("\x02\x87\x00", 3)).ok());
}

}  // namespace
}  // namespace kpi
