#include "engine/journal/watermark.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace kpi {
namespace {

TEST(Watermark, ReadsBackTheLastOneWritten) {
  const TempDir dir;
  Watermark watermark(dir.path() / "WATERMARK");
  EXPECT_EQ(watermark.read().value(), 0U);
  for (const std::uint64_t sequence : {5ULL, 6ULL, 700ULL, 701ULL}) {
    ASSERT_TRUE(watermark.write(sequence).ok());
    EXPECT_EQ(Watermark(dir.path() / "WATERMARK").read().value(), sequence);
  }
}

TEST(Watermark, ATornWriteLeavesTheOneBefore) {
  const TempDir dir;
  const auto path = dir.path() / "WATERMARK";
  {
    Watermark watermark(path);
    ASSERT_TRUE(watermark.write(10).ok());
    ASSERT_TRUE(watermark.write(11).ok());
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(512 + 3);
  file.put('x');
  file.close();
  EXPECT_EQ(Watermark(path).read().value(), 10U);
}

TEST(Watermark, OneWithoutAWholeSlotIsDamaged) {
  const TempDir dir;
  const auto path = dir.path() / "WATERMARK";
  const auto is_damaged = [&] { return Watermark(path).is_damaged().value(); };
  const auto put = [&](std::streamoff at, char byte) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put(byte);
  };
  EXPECT_FALSE(is_damaged());  // None was written yet.
  Watermark watermark(path);
  ASSERT_TRUE(watermark.write(10).ok());
  EXPECT_FALSE(is_damaged());
  put(3, 'x');
  EXPECT_TRUE(is_damaged());
  ASSERT_TRUE(watermark.write(11).ok());
  EXPECT_FALSE(is_damaged());  // The other one tells.
  put(512 + 3, 'x');
  EXPECT_TRUE(is_damaged());
  EXPECT_EQ(Watermark(path).read().value(), 0U);
  std::ofstream(path, std::ios::trunc | std::ios::binary) << std::string(512 + 16, '\0');
  EXPECT_TRUE(is_damaged());
  std::ofstream(path, std::ios::trunc | std::ios::binary) << std::string(16, '\0');
  EXPECT_FALSE(is_damaged());  // The power went before the first one was on disk.
}

TEST(Watermark, AnUnwritablePlaceIsAnIoError) {
  Watermark watermark("/nonexistent/WATERMARK");
  const Status status = watermark.write(1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace kpi
