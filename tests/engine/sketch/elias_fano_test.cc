#include "engine/sketch/elias_fano.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace kpi::sketch {
namespace {

std::string encode(const std::vector<std::uint64_t>& entries, std::uint64_t universe) {
  std::string bytes;
  EliasFanoWriter writer({entries.size(), universe}, &bytes);
  for (const std::uint64_t entry : entries) writer.push(entry);
  writer.finish();
  return bytes;
}

void expect_reads_back(const std::vector<std::uint64_t>& entries, std::uint64_t universe) {
  const EliasFanoShape shape(entries.size(), universe);
  const std::string bytes = encode(entries, universe);
  ASSERT_EQ(bytes.size(), shape.bytes());
  const std::vector<char> exact(bytes.begin(), bytes.end());  // So that an over-read is seen.
  const EliasFanoView view(shape, {exact.data(), exact.size()});
  std::vector<std::uint64_t> walked;
  ASSERT_TRUE(view.for_each([&](std::uint64_t entry) { walked.push_back(entry); }));
  ASSERT_EQ(walked, entries);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_EQ(view.get(i), entries[i]);
    for (const std::uint64_t target : {entries[i], entries[i] + 1}) {
      const auto at = std::lower_bound(entries.begin(), entries.end(), target) - entries.begin();
      ASSERT_EQ(view.lower_bound(target), static_cast<std::size_t>(at)) << target;
    }
  }
  ASSERT_EQ(view.lower_bound(0), 0U);
}

class EliasFano : public testing::TestWithParam<std::uint64_t> {};
TEST_P(EliasFano, ReadsBackByWalkRankAndBound) {
  std::mt19937_64 rng(GetParam());
  for (int round = 0; round < 40; ++round) {
    const std::uint64_t universe = rng() >> (2 + rng() % 62);
    std::vector<std::uint64_t> entries(1 + rng() % 200);
    // Some crowd together, so that runs of equal high parts cross words.
    const std::uint64_t spread = rng() % 2 == 0 ? universe : universe / (1 + rng() % 50);
    for (auto& entry : entries) entry = rng() % (spread + 1);
    std::sort(entries.begin(), entries.end());
    expect_reads_back(entries, universe);
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, EliasFano, testing::Range<std::uint64_t>(0, 25));

TEST(EliasFano, WidestEntriesReadBack) {
  const std::uint64_t most = (std::uint64_t{1} << 62) - 1;
  expect_reads_back({most}, most);
  expect_reads_back({0}, most);
  expect_reads_back({0, 1, most - 1, most}, most);
  expect_reads_back({0, 0, 0}, 0);
}

TEST(EliasFano, ADescentABeyondAndAStrayBitAreRefused) {
  const EliasFanoShape shape(3, 100);  // Width 5: high parts 0..3 in 6 bits, low parts in 15.
  ASSERT_EQ(shape.width, 5U);
  const std::string good = encode({1, 2, 100}, 100);
  const auto sound = [&](const std::string& bytes) {
    return EliasFanoView(shape, bytes).for_each([](std::uint64_t) {});
  };
  EXPECT_TRUE(sound(good));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << (bit % 8));
    std::vector<std::uint64_t> entries;
    if (EliasFanoView(shape, bad).for_each([&](std::uint64_t entry) {
          entries.push_back(entry);
        })) {
      EXPECT_EQ(encode(entries, 100), bad) << bit;
    }
  }
  EXPECT_FALSE(sound(encode({1, 2, 127}, 100)));
  EXPECT_FALSE(sound(encode({2, 1, 100}, 100)));
}

}  // namespace
}  // namespace kpi::sketch
