// Promise P7: a store opens whole or not at all. What the log had made durable after the last
// watermark is guarded by the log's own checksums alone: damage in the middle of it is refused,
// only its torn end is forgiven. And what lies in a directory is what the format names, nothing
// else.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;
constexpr int kRecords = 200, kEvents = 20;

// What a crash within the first second leaves: everything in the log, and no watermark yet.
fs::path crashed_store(const TempDir& dir) {
  const fs::path crashed = dir.path() / "crashed";
  const auto engine = open(options_in(dir));
  for (int i = 0; i < kRecords; ++i) {
    EXPECT_TRUE(engine->append(batch_of(kEvents, kNow - kHourMs + i * 1000)).ok());
  }
  fs::copy(dir.path() / "store", crashed, fs::copy_options::recursive);
  fs::remove(crashed / "WATERMARK");
  return crashed;
}

fs::path log_of(const fs::path& store) {
  std::vector<fs::path> logs;
  for (const auto& entry : fs::directory_iterator(store)) {
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  }
  return *std::max_element(logs.begin(), logs.end(), [](const fs::path& a, const fs::path& b) {
    return fs::file_size(a) < fs::file_size(b);
  });
}

void flip(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
}

EngineOptions options_of(const TempDir& dir, const fs::path& store) {
  EngineOptions options = options_in(dir);
  options.dir = store;
  return options;
}

TEST(StrictOpen, ABitThatFlippedInTheMiddleOfTheLogIsRefused) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  const fs::path log = log_of(crashed);
  const std::uint64_t size = fs::file_size(log);
  for (std::uint64_t part = 1; part < 8; ++part) {
    flip(log, size * part / 8);
    EXPECT_EQ(code_of(Engine::open(options_of(dir, crashed))), ErrorCode::kCorruption) << part;
    flip(log, size * part / 8);
  }
  EXPECT_EQ(count(*open(options_of(dir, crashed))), std::uint64_t{kRecords * kEvents});
}

TEST(StrictOpen, ATornEndOfTheLogCostsTheLastRecordAlone) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  const fs::path log = log_of(crashed);
  fs::resize_file(log, fs::file_size(log) - 3);
  EXPECT_EQ(count(*open(options_of(dir, crashed))), std::uint64_t{(kRecords - 1) * kEvents});
}

TEST(StoreFiles, AreOnlyThoseOfTheFormat) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.durability = Durability::kFsync;
  for (int opening = 0; opening < 3; ++opening) {
    const auto engine = open(options);
    ASSERT_TRUE(engine->append(batch_of(kEvents, kNow - 2 * kDayMs)).ok());
    ASSERT_TRUE(engine->flush().ok());
    ASSERT_TRUE(engine->append(batch_of(kEvents)).ok());
    ASSERT_TRUE(engine->close().ok());
  }
  options.read_only = true;
  EXPECT_EQ(count(*open(options)), 3U * 2 * kEvents);
  const std::regex ours(
      "CURRENT|IDENTITY|LOCK|LISTMARK|WATERMARK|MANIFEST-[0-9]{6}|OPTIONS-[0-9]{6}|[0-9]{6}\\.(log|"
      "sst)");
  for (const auto& entry : fs::directory_iterator(options.dir)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::regex_match(name, ours)) << name;
  }
}

}  // namespace
}  // namespace kpi::test
