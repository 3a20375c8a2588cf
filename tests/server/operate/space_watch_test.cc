// Promise P9: what must stay free on the data disk, and when reports are taken again.
#include "server/operate/space_watch.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/temp_dir.h"

namespace kpi::server {
namespace {

constexpr std::uint64_t kMiB = 1U << 20, kGiB = 1U << 30;

TEST(SpaceWatch, KeepsAPartOfTheDiskFree) {
  EXPECT_EQ(min_free_bytes(7, 100 * kGiB, 192 * kMiB), 7U);  // As configured.
  EXPECT_EQ(min_free_bytes(0, 4 * kGiB, 192 * kMiB), 768 * kMiB);
  EXPECT_EQ(min_free_bytes(0, 100 * kGiB, 192 * kMiB), 100 * kGiB / 100 * 5);
  EXPECT_EQ(min_free_bytes(0, 2 * kGiB, 192 * kMiB), 512 * kMiB);  // A small disk: a quarter.
  EXPECT_EQ(min_free_bytes(0, 0, 192 * kMiB), 0U);                 // Unknown: no watch.
}

TEST(SpaceWatch, IsShortBelowTheBoundUntilAQuarterMoreIsFree) {
  EXPECT_FALSE(is_short(false, 100, 100));
  EXPECT_TRUE(is_short(false, 99, 100));
  EXPECT_TRUE(is_short(true, 124, 100));
  EXPECT_FALSE(is_short(true, 125, 100));
  EXPECT_FALSE(is_short(false, 0, 0));
}

TEST(SpaceWatch, OpeningNeedsLittle) {
  EXPECT_EQ(opening_bytes(10 * kMiB), 5 * kMiB);
  EXPECT_EQ(opening_bytes(kGiB), 16 * kMiB);
  EXPECT_EQ(opening_bytes(1), 0U);
}

TEST(SpaceWatch, TellsOfChangesOnly) {
  const TempDir dir;
  std::vector<bool> told;
  const auto tell = [&](bool is_short, std::uint64_t) { told.push_back(is_short); };
  SpaceWatch wide(dir.path() / "not" / "made yet", 1, tell);
  EXPECT_FALSE(wide.check());
  EXPECT_TRUE(told.empty());
  EXPECT_GT(wide.free_bytes(), 0U);
  SpaceWatch narrow(dir.path(), ~std::uint64_t{0} / 2, tell);
  EXPECT_TRUE(narrow.check());
  EXPECT_TRUE(narrow.check());
  EXPECT_EQ(told, std::vector<bool>{true});
}

TEST(SpaceWatch, LooksWhileMuchIsWritten) {
  const TempDir dir;
  int told = 0;
  SpaceWatch narrow(dir.path(), ~std::uint64_t{0} / 2, [&](bool, std::uint64_t) { ++told; });
  narrow.wrote(1);
  EXPECT_EQ(told, 0);
  narrow.wrote(kMiB);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace kpi::server
