// Promise P7: the watermark tells of a lost log after a power cut, too: once a sequence is written,
// the file is there and says at least that, whenever the power goes.
#include <gtest/gtest.h>

#include "engine/journal/watermark.h"
#include "tests/engine/faults/fault_file_system.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

constexpr std::uint64_t kSequences = 6, kSeeds = 20;

// Whether the power went before the last of them was written.
bool cut_at(std::uint64_t operation, std::uint64_t seed) {
  const TempDir dir;
  const auto path = dir.path() / "WATERMARK";
  FaultDisk disk({FaultKind::kPowerCut, operation}, dir.path() / "shadows");
  std::uint64_t written = 0;
  {
    const FaultyStorage storage(disk);
    Watermark watermark(path);
    while (written < kSequences && watermark.write(written + 1).ok()) ++written;
  }
  std::mt19937_64 losses(seed);
  disk.lose_unsynced(losses);
  const auto read = Watermark(path).read();
  EXPECT_TRUE(read.ok());
  if (read.ok()) {
    EXPECT_GE(read.value(), written) << "power cut at " << operation << ", seed " << seed;
    EXPECT_LE(read.value(), written + 1);
  }
  return written < kSequences;
}

TEST(WatermarkPowerCut, LosesNoSequenceThatWasWritten) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    std::uint64_t operation = 1;
    while (cut_at(operation, seed)) ++operation;
    EXPECT_GT(operation, 2 * kSequences) << "not every operation was cut";
    (void)cut_at(operation + 1, seed);
  }
}

}  // namespace
}  // namespace kpi::test
