// Promise P8: tables are read against their checksums while the store runs; damage is told, and
// the store goes on.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;

class Told {
 public:
  std::function<void(const Error&)> sink() {
    return [this](const Error& error) {
      const std::lock_guard lock(mutex_);
      errors_.push_back(error);
      changed_.notify_all();
    };
  }
  Error wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !errors_.empty(); });
    return errors_[0];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Error> errors_;
};

EngineOptions scrubbing(const TempDir& dir) {
  EngineOptions options = options_in(dir);
  options.scrub_bytes_per_second = 1U << 30;
  options.scrub_every_ms = 0;
  return options;
}

void make_table(const EngineOptions& options) {
  const auto engine = open(options);
  ASSERT_TRUE(engine->append(batch_of(1000)).ok());
  ASSERT_TRUE(engine->flush().ok());
  ASSERT_TRUE(engine->close().ok());
}

fs::path a_table(const fs::path& dir) {
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == ".sst") return entry.path();
  }
  ADD_FAILURE() << "no table";
  return {};
}

TEST(ScrubTest, AWholeStorePassesAndThePassIsRemembered) {
  const TempDir dir;
  make_table(options_in(dir));
  {
    const auto engine = open(scrubbing(dir));
    while (engine->stats().scrub_passes < 2) std::this_thread::yield();
    const EngineStats stats = engine->stats();
    EXPECT_EQ(stats.scrub_damages, 0U);
    EXPECT_GE(stats.scrub_tables, 2U);
    EXPECT_GE(stats.scrub_bytes, stats.disk_bytes);
    EXPECT_EQ(stats.scrub_finished_ms, kNow);
  }
  EngineOptions weekly = scrubbing(dir);
  weekly.scrub_every_ms = 7 * kDayMs;
  EXPECT_EQ(open(weekly)->stats().scrub_finished_ms, kNow);
}

TEST(ScrubTest, DamageIsToldAndTheStoreGoesOn) {
  const TempDir dir;
  make_table(options_in(dir));
  Told told;
  EngineOptions options = scrubbing(dir);
  options.on_damage = told.sink();
  const auto engine = open(options);
  // The first look for what has aged out reads the table, too, and would rightly stop the store.
  while (engine->stats().scrub_passes < 3) std::this_thread::yield();
  const fs::path table = a_table(dir.path() / "store");
  std::fstream file(table, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(20);
  const int byte = file.get();
  file.seekp(20);
  file.put(static_cast<char>(byte ^ 1)).flush();
  const Error error = told.wait();
  EXPECT_EQ(error.code, ErrorCode::kCorruption);
  EXPECT_NE(error.message.find(table.filename().string()), std::string::npos) << error.message;
  const Status appended = engine->append(batch_of(3));
  EXPECT_TRUE(appended.ok()) << appended.error().message;
  EXPECT_FALSE(engine->stats().failed);
  EXPECT_GE(engine->stats().scrub_damages, 1U);
}

TEST(ScrubTest, AStoreClosesInTheMiddleOfASlowPass) {
  const TempDir dir;
  make_table(options_in(dir));
  EngineOptions options = scrubbing(dir);
  options.scrub_bytes_per_second = 1;  // Years.
  const auto engine = open(options);
  while (engine->stats().scrub_bytes == 0) std::this_thread::yield();
  EXPECT_TRUE(engine->close().ok());
  EXPECT_EQ(engine->stats().scrub_passes, 0U);
}

}  // namespace
}  // namespace kpi::test
