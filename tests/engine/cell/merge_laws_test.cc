// What lets RocksDB regroup merge operands at will: sums are associative and commutative down to
// the byte, and equal to summing first and writing once.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/cell/merge.h"
#include "tests/engine/cell/cell_model.h"

namespace kpi {
namespace {

struct CountsKind {
  static constexpr CellKind kKind = CellKind::kCounts;
  static CountsModel random(RandomCells& cells) { return cells.counts(); }
};
struct SketchesKind {
  static constexpr CellKind kKind = CellKind::kSketches;
  static SketchesModel random(RandomCells& cells) { return cells.sketches(); }
};
struct SlabKind {
  static constexpr CellKind kKind = CellKind::kSlab;
  static SlabModel random(RandomCells& cells) { return cells.slab(); }
};

std::string merged(CellKind kind, const std::vector<std::string>& values) {
  const std::vector<std::string_view> views(values.begin(), values.end());
  std::string out;
  const Status status = merge_cells(kind, views, &out);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return out;
}

template <class Kind>
void check_laws(std::uint64_t seed) {
  RandomCells cells(seed);
  const auto a = Kind::random(cells), b = Kind::random(cells), c = Kind::random(cells);
  const std::string va = to_value(a), vb = to_value(b), vc = to_value(c);
  const std::string whole = to_value(a + b + c);
  const auto both = [](const std::string& x, const std::string& y) {
    return merged(Kind::kKind, {x, y});
  };
  EXPECT_EQ(merged(Kind::kKind, {va, vb, vc}), whole);
  EXPECT_EQ(merged(Kind::kKind, {vc, va, vb}), whole);
  EXPECT_EQ(both(both(va, vb), vc), whole);
  EXPECT_EQ(both(va, both(vb, vc)), whole);
  EXPECT_EQ(both(vb, va), both(va, vb));
  EXPECT_EQ(merged(Kind::kKind, {va}), va);
  EXPECT_EQ(both(to_value(decltype(a){}), va), va) << "the empty value is the identity";
}

template <class Kind>
void check_grouping(std::uint64_t seed) {
  RandomCells cells(seed);
  std::mt19937_64 rng(seed);
  decltype(Kind::random(cells)) sum;
  std::vector<std::string> values;
  for (int i = 0; i < 20; ++i) {
    const auto part = Kind::random(cells);
    sum = sum + part;
    values.push_back(to_value(part));
  }
  while (values.size() > 1) {
    std::shuffle(values.begin(), values.end(), rng);
    const std::size_t size = 1 + rng() % values.size();
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(size);
    const std::string folded = merged(Kind::kKind, {values.begin(), end});
    values.erase(values.begin(), end);
    values.push_back(folded);
  }
  EXPECT_EQ(values.front(), to_value(sum));
}

// A flipped bit, or a cut, of any operand: an error, whatever the others are.
template <class Kind>
void check_damage(std::uint64_t seed) {
  RandomCells cells(seed);
  const std::string good = to_value(Kind::random(cells)), intact = to_value(Kind::random(cells));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << cells.below(8)));
    for (const std::string& damaged : {flipped, good.substr(0, at)}) {
      const std::string_view values[] = {intact, damaged};
      std::string out;
      const Status status = merge_cells(Kind::kKind, values, &out);
      ASSERT_FALSE(status.ok()) << "at " << at;
      EXPECT_TRUE(status.error().code == ErrorCode::kCorruption ||
                  (at == 0 && status.error().code == ErrorCode::kUnsupported));
    }
  }
}

class MergeLaws : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MergeLaws, AnyOrderAndGroupingGivesTheSameBytes) {
  check_laws<CountsKind>(GetParam());
  check_laws<SketchesKind>(GetParam());
  check_laws<SlabKind>(GetParam());
}
TEST_P(MergeLaws, ManyOperandsFoldedInAnyTreeAreTheirSum) {
  check_grouping<CountsKind>(GetParam());
  check_grouping<SketchesKind>(GetParam());
  check_grouping<SlabKind>(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Seeds, MergeLaws, testing::Range<std::uint64_t>(0, 60));

class MergeDamage : public testing::TestWithParam<std::uint64_t> {};
TEST_P(MergeDamage, IsAnErrorAndNeverAWrongNumber) {
  check_damage<CountsKind>(GetParam());
  check_damage<SketchesKind>(GetParam());
  check_damage<SlabKind>(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Seeds, MergeDamage, testing::Range<std::uint64_t>(0, 8));

TEST(Merge, SumsStopAtTheTop) {
  const EventKind kind(Outcome::kSuccess, UiShown::kNo);
  const CountsModel huge{{0, {{kind, {1, UINT64_MAX - 5}}}}}, one{{0, {{kind, {1, 1000}}}}};
  const std::string values[] = {to_value(huge), to_value(one), to_value(one)};
  const std::string left = merged(CellKind::kCounts, {values[0], values[1], values[2]});
  EXPECT_EQ(left, to_value(CountsModel{{0, {{kind, {3, UINT64_MAX}}}}}));
  EXPECT_EQ(
      merged(CellKind::kCounts, {merged(CellKind::kCounts, {values[1], values[2]}), values[0]}),
      left);
}

}  // namespace
}  // namespace kpi
