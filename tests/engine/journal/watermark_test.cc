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

TEST(Watermark, AnUnwritablePlaceIsAnIoError) {
  Watermark watermark("/nonexistent/WATERMARK");
  const Status status = watermark.write(1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace kpi
