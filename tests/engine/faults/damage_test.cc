// Flipped, cut and missing bytes in any file of a store: the answer is an error or right, never
// wrong; and directories that are not ours are left as they are.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "engine/journal/watermark.h"
#include "engine/rocks/options.h"
#include "tests/engine/faults/child_run.h"
#include "tests/engine/faults/ledger.h"
#include "tests/support/temp_dir.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;
constexpr std::uint32_t kBatches[kLedgerWriters] = {60, 60, 60};

EngineOptions options_in(const fs::path& dir) {
  EngineOptions options;
  options.dir = dir;
  options.retention_raw_days = 0;
  options.now_ms = [] { return kLedgerFirstDayMs + (kLedgerDays + 1) * kDayMs; };
  return options;
}

// Sealed batches in tables and live ones in the log, as a crash leaves them.
void make_store(const fs::path& dir, const fs::path& crashed) {
  const auto engine = Engine::open(options_in(dir)).value();
  for (std::uint32_t number = 0; number < kBatches[0]; ++number) {
    for (unsigned writer = 0; writer < kLedgerWriters; ++writer) {
      ASSERT_TRUE(engine->append(LedgerBatch{writer, number}.pack()).ok());
    }
    if (number == 20 || number == 40) {
      ASSERT_TRUE(engine->flush().ok());
    }
  }
  const Watermark watermark(dir / "WATERMARK");
  const std::uint64_t sequence = engine->stats().journal_sequence;
  while (watermark.read().value() != sequence) std::this_thread::yield();
  fs::copy(dir, crashed, fs::copy_options::recursive);
}

enum class Answer { kRight, kError, kWrong };

Answer ask(const EngineOptions& options) {
  const auto engine = Engine::open(options);
  if (!engine.ok()) return Answer::kError;
  const auto view = engine.value()->view().value();
  const auto days = stored_days(*view, kDayMs);
  const auto hours = stored_days(*view, kHourMs);
  const auto batches = stored_batches(*view);
  if (!days.ok() || !hours.ok() || !batches.ok()) return Answer::kError;
  const StoredDays expected = expected_days(kBatches);
  if (days.value() != expected || hours.value() != expected) return Answer::kWrong;
  for (const auto& [id, events] : batches.value()) {
    if (events != LedgerBatch{id.first, id.second}.events()) return Answer::kWrong;
  }
  return batches.value().size() == kLedgerWriters * kBatches[0] ? Answer::kRight : Answer::kWrong;
}

std::vector<fs::path> files_of(const fs::path& dir) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) files.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  return files;
}

std::string damage(const fs::path& file, std::mt19937_64& rng) {
  const std::uint64_t size = fs::file_size(file);
  const auto what = rng() % 8;
  if (what == 0 || size == 0) {
    fs::remove(file);
    return "removed";
  }
  const std::uint64_t at = rng() % size;
  if (what == 1) {
    fs::resize_file(file, at);
    return "cut at " + std::to_string(at);
  }
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(byte ^ (1 << rng() % 8)));
  return "flipped at " + std::to_string(at);
}

TEST(Damage, IsAnErrorOrDoesNotMatter) {
  const char* rounds_text = std::getenv("KPI_DAMAGE_ROUNDS");
  const int rounds = rounds_text == nullptr ? 40 : std::atoi(rounds_text);
  const TempDir dir;
  make_store(dir.path() / "store", dir.path() / "crashed");
  std::mt19937_64 rng(7);
  const std::vector<fs::path> files = files_of(dir.path() / "crashed");
  int errors = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(torture_seconds());
  int round = 0, wrong = 0;
  for (; round < rounds || std::chrono::steady_clock::now() < until; ++round) {
    const fs::path copy = dir.path() / "copy";
    fs::copy(dir.path() / "crashed", copy, fs::copy_options::recursive);
    const fs::path& file = files[rng() % files.size()];
    const std::string how = damage(copy / file, rng);
    const Answer answer = ask(options_in(copy));
    // Without the watermark nothing says that a log was whole, but nothing else is lost either.
    EXPECT_NE(answer, Answer::kWrong) << file << ' ' << how;
    if (answer == Answer::kError) ++errors;
    if (answer == Answer::kWrong) ++wrong;
    fs::remove_all(copy);
  }
  EXPECT_GT(errors, round / 8);
  std::printf("torture: damage runs=%d faults=%d violations=%d\n", round, round, wrong);
}

std::map<fs::path, std::uint64_t> sizes_of(const fs::path& dir) {
  std::map<fs::path, std::uint64_t> sizes;
  for (const auto& entry : fs::directory_iterator(dir)) {
    sizes[entry.path().filename()] = entry.is_regular_file() ? entry.file_size() : 0;
  }
  return sizes;
}

TEST(Directory, OfAStoreWithoutItsListOfFilesIsLeftAsItIs) {
  const TempDir dir;
  make_store(dir.path() / "store", dir.path() / "crashed");
  fs::remove(dir.path() / "crashed" / "CURRENT");
  const auto before = sizes_of(dir.path() / "crashed");
  const auto engine = Engine::open(options_in(dir.path() / "crashed"));
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(sizes_of(dir.path() / "crashed"), before);
}

TEST(Directory, OfAnotherProgramsDatabaseIsLeftAsItIs) {
  const TempDir dir;
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, (dir.path() / "store").string(), &db).ok());
    ASSERT_TRUE(db->Put({}, "key", "value").ok());
    delete db;
  }
  const auto before = sizes_of(dir.path() / "store");
  for (const bool read_only : {false, true}) {
    EngineOptions options = options_in(dir.path() / "store");
    options.read_only = read_only;
    const auto engine = Engine::open(options);
    ASSERT_FALSE(engine.ok());
    EXPECT_EQ(engine.error().code, ErrorCode::kCorruption);
  }
  EXPECT_EQ(sizes_of(dir.path() / "store"), before);
}

TEST(Directory, OfANewerProgramWithMoreFamiliesIsRefused) {
  const TempDir dir;
  const EngineOptions options = options_in(dir.path() / "store");
  ASSERT_TRUE(Engine::open(options).ok());
  {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(database_options(options, nullptr), options.dir.string(),
                                  family_descriptors(options), &handles, &db)
                    .ok());
    handles.emplace_back();
    ASSERT_TRUE(db->CreateColumnFamily({}, "tomorrow", &handles.back()).ok());
    for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
    delete db;
  }
  const auto engine = Engine::open(options);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kUnsupported);
}

TEST(Directory, WhoseMakingWasCutShortIsMadeAgain) {
  const TempDir dir;
  const EngineOptions options = options_in(dir.path() / "store");
  {
    rocksdb::Options empty;
    empty.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(empty, options.dir.string(), &db).ok());
    delete db;
  }
  const auto engine = Engine::open(options);
  ASSERT_TRUE(engine.ok()) << engine.error().message;
  EXPECT_TRUE(engine.value()->append(LedgerBatch{0, 0}.pack()).ok());
}

TEST(Directory, ThatCannotBeOpenedSaysWhy) {
  const TempDir dir;
  std::ofstream(dir.path() / "file") << "text";
  const auto file = Engine::open(options_in(dir.path() / "file"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(file.error().message.find("not a directory"), std::string::npos);
  // What has "lock" in its name and cannot be opened is not open elsewhere.
  fs::create_directories(dir.path() / "clock" / "LOCK");
  const auto lock = Engine::open(options_in(dir.path() / "clock"));
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().code, ErrorCode::kIo) << lock.error().message;
  EngineOptions reading = options_in(dir.path() / "empty");
  reading.read_only = true;
  fs::create_directory(reading.dir);
  const auto empty = Engine::open(reading);
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().code, ErrorCode::kIo);
  EXPECT_TRUE(fs::is_empty(reading.dir)) << "reading made files";
}

}  // namespace
}  // namespace kpi::test
