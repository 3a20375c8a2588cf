// Promises P7 and P8: the list of a store's files, RocksDB's MANIFEST, opens whole or not at all:
// whatever bit of it flips and wherever it is cut, the start and verify tell of it, or all events
// are there. What a crash tears is no damage.
#include "engine/rocks/file_list.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/rocks/file_list_mark.h"
#include "kpi/salvage.h"
#include "kpi/verify.h"
#include "tests/engine/faults/child_run.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kEvents = 4 * 20;
constexpr std::size_t kBlockBytes = 32U << 10, kHeadBytes = 7;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

fs::path list_of(const fs::path& store) {
  std::string name = read(store / "CURRENT");
  name.pop_back();
  return store / name;
}

// Where records of a list begin.
std::vector<std::size_t> heads_in(const std::string& list) {
  std::vector<std::size_t> heads;
  for (std::size_t at = 0; at + kHeadBytes <= list.size();) {
    const std::size_t left = kBlockBytes - at % kBlockBytes;
    if (left >= kHeadBytes) heads.push_back(at);
    const auto low = static_cast<unsigned char>(list[at + 4]);
    const auto high = static_cast<unsigned char>(list[at + 5]);
    at += left < kHeadBytes ? left : kHeadBytes + low + 256U * high;
  }
  return heads;
}

// Three seals, and events in the log.
std::unique_ptr<Engine> live(const EngineOptions& options) {
  auto engine = open(options);
  for (int part = 0; part < 4; ++part) {
    EXPECT_TRUE(engine->append(batch_of(20, kNow - (3 - part) * kDayMs)).ok());
    if (part < 3) {
      EXPECT_TRUE(engine->flush().ok());
    }
  }
  return engine;
}

EngineOptions options_of(const TempDir& dir) {
  EngineOptions options = options_in(dir);
  options.retention_raw_days = 0;
  return options;
}

// As kill -9 leaves it: no close.
void live_and_die(const EngineOptions& options) {
  constexpr int kLived = 2;
  const int ended = run_child([&] {
    const auto engine = live(options);
    _exit(testing::Test::HasFailure() ? 1 : kLived);
    return 1;
  });
  EXPECT_EQ(ended, kLived);
}

// How many events a reader finds; nothing where the store refuses.
std::optional<std::uint64_t> events_in(const EngineOptions& options) {
  EngineOptions reading = options;
  reading.read_only = true;
  const auto engine = Engine::open(reading);
  if (!engine.ok()) return std::nullopt;
  std::uint64_t scanned = 0;
  const auto all = engine.value()->view().value()->scan({}, [&](const Event&) {
    ++scanned;
    return true;
  });
  return all.ok() ? std::optional(scanned) : std::nullopt;
}

bool verify_finds(const EngineOptions& options) {
  const auto report = verify_store(options.dir, {});
  return !report.ok() || report.value().damages_found > 0;
}

// Tells what passes in silence.
void expect_noticed(const EngineOptions& options, const std::string& what) {
  const auto events = events_in(options);
  EXPECT_TRUE(!events || *events == kEvents) << what << ": " << *events << " events";
  EXPECT_TRUE(events || verify_finds(options)) << what << ": verify calls it whole";
}

void flip_bits(const EngineOptions& options) {
  const fs::path path = list_of(options.dir);
  const std::string list = read(path);
  ASSERT_EQ(events_in(options), kEvents);
  for (std::size_t bit = 0; bit < 8 * list.size(); ++bit) {
    std::string damaged = list;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write(path, damaged);
    expect_noticed(options, "byte " + std::to_string(bit / 8) + " bit " + std::to_string(bit % 8));
  }
  write(path, list);
  EXPECT_EQ(events_in(options), kEvents);
}

// First, for it forks: RocksDB's threads would be missing in the child.
TEST(FileList, NoBitFlipsInSilenceAfterAKill) {
  const TempDir dir;
  live_and_die(options_of(dir));
  flip_bits(options_of(dir));
}

TEST(FileList, NoBitFlipsInSilenceAfterAClose) {
  const TempDir dir;
  (void)live(options_of(dir));
  flip_bits(options_of(dir));
}

// As an older program leaves it.
TEST(FileList, NoBitFlipsInSilenceWithoutAMark) {
  const TempDir dir;
  (void)live(options_of(dir));
  fs::remove(options_of(dir).dir / "LISTMARK");
  flip_bits(options_of(dir));
}

TEST(FileList, IsNotCutInSilence) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const fs::path path = list_of(options.dir);
  const std::string list = read(path);
  for (std::size_t size = 0; size < list.size(); ++size) {
    write(path, list.substr(0, size));
    EXPECT_EQ(code_of(Engine::open(options)), ErrorCode::kCorruption) << size;
    if (size % 64 == 0) {
      EXPECT_TRUE(verify_finds(options)) << size;
    }
  }
  write(path, list);
  EXPECT_EQ(count(*open(options)), kEvents);
}

TEST(FileList, LosesNoBlockInSilence) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const fs::path path = list_of(options.dir);
  const std::string list = read(path);
  write(path, std::string(list.size(), '\0'));
  EXPECT_EQ(code_of(Engine::open(options)), ErrorCode::kCorruption);
  write(path, list.substr(0, list.size() / 2) + std::string(list.size() - list.size() / 2, '\0'));
  EXPECT_EQ(code_of(Engine::open(options)), ErrorCode::kCorruption);
}

std::map<std::string, std::string> contents_of(const fs::path& dir) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator(dir)) {
    contents[entry.path().filename().string()] = read(entry.path());
  }
  return contents;
}

TEST(FileList, ThatIsDamagedIsToldAndLeftAsItIs) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const fs::path path = list_of(options.dir);
  std::string list = read(path);
  list[heads_in(list).back() + 5] ^= 0x40;
  write(path, list);
  const auto before = contents_of(options.dir);
  const auto engine = Engine::open(options);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kCorruption);
  EXPECT_NE(engine.error().message.find(path.string()), std::string::npos);
  EXPECT_EQ(contents_of(options.dir), before);
}

TEST(FileList, ThatIsDamagedIsMadeAnewBySalvage) {
  const TempDir dir;
  EngineOptions options = options_of(dir);
  (void)live(options);
  const fs::path path = list_of(options.dir);
  std::string list = read(path);
  list[heads_in(list).back() + 5] ^= 0x40;
  write(path, list);
  const auto report = salvage_store(options.dir, dir.path() / "salvaged", {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report.value().opened, SalvageReport::Opened::kListRebuilt);
  EXPECT_NE(report.value().reason.find("the list of files"), std::string::npos);
  options.dir = dir.path() / "salvaged";
  EXPECT_EQ(events_in(options), kEvents);
}

TEST(FileList, OfAnEarlierTimeIsRefused) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const auto earlier = list_of(options.dir);
  const std::string list = read(earlier), current = read(options.dir / "CURRENT");
  ASSERT_TRUE(open(options)->append(batch_of(1)).ok());
  write(earlier, list);
  write(options.dir / "CURRENT", current);
  EXPECT_EQ(code_of(Engine::open(options)), ErrorCode::kCorruption);
}

// What a kill between RocksDB's new list and our mark of it leaves.
TEST(FileList, NewerThanTheMarkOpens) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const std::string mark = read(options.dir / "LISTMARK");
  (void)open(options);
  write(options.dir / "LISTMARK", mark);
  EXPECT_EQ(events_in(options), kEvents);
  EXPECT_EQ(count(*open(options)), kEvents);
}

// A torn or damaged mark is none.
TEST(FileList, OpensWhateverBitOfTheMarkFlips) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const fs::path path = options.dir / "LISTMARK";
  const std::string mark = read(path);
  ASSERT_GT(mark.size(), 512U) << "both slots are in use";
  for (std::size_t bit = 0; bit < 8 * mark.size(); bit += 7) {
    if (mark[bit / 8] == 0 && bit % 2 != 0) continue;  // Mostly between the slots.
    std::string damaged = mark;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write(path, damaged);
    EXPECT_EQ(events_in(options), kEvents) << bit;
  }
}

// What a power cut leaves of a record that was being written.
TEST(FileList, WithATornEndOpens) {
  const TempDir dir;
  const EngineOptions options = options_of(dir);
  (void)live(options);
  const fs::path path = list_of(options.dir);
  const std::string list = read(path);
  const std::size_t last = heads_in(list).at(1);
  for (std::size_t size = 1; size + last < list.size() && size < 200; ++size) {
    const std::string torn = list.substr(last, size);
    if (heads_in(list).at(2) <= last + size) break;
    write(path, list + torn);
    EXPECT_EQ(events_in(options), kEvents) << size;
  }
  write(path, list + std::string(4096, '\0'));
  EXPECT_EQ(events_in(options), kEvents);
  EXPECT_EQ(count(*open(options)), kEvents);
}

bool knows_list_of(const fs::path& store) {
  const fs::path path = list_of(store);
  const auto known = FileListMark(store).read();
  return known.ok() && known.value().number == file_list_number(path.filename().string()) &&
         known.value().bytes == fs::file_size(path);
}

// Of a plain database with a small bound of the list, which is hence replaced again and again.
TEST(FileListMark, FollowsTheListWhateverItsName) {
  const TempDir dir;
  const fs::path store = dir.path() / "store";
  rocksdb::Options options;
  options.create_if_missing = true;
  options.max_manifest_file_size = 2048;
  options.disable_auto_compactions = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, store.string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  FileListMark mark(store);
  std::set<fs::path> lists;
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(db->Put({}, std::to_string(i), "value").ok());
    ASSERT_TRUE(db->Flush({}).ok());
    ASSERT_TRUE(mark.update(*db).ok());
    // One that was replaced just now may be deleted a little later, and be looked at until then.
    while (!knows_list_of(store)) ASSERT_TRUE(mark.update(*db).ok());
    EXPECT_TRUE(check_file_list(store).ok());
    lists.insert(list_of(store));
  }
  EXPECT_GT(lists.size(), 2U);
}

// A list of more than one block: only the last one may seem to end early.
TEST(FileList, OfManyBlocksHidesNoRecord) {
  const TempDir dir;
  const fs::path store = dir.path() / "store";
  constexpr int kTables = 300;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.disable_auto_compactions = true;
  options.level0_slowdown_writes_trigger = options.level0_stop_writes_trigger = 2 * kTables;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, store.string(), &opened).ok());
  std::unique_ptr<rocksdb::DB> db(opened);
  for (int i = 0; i < kTables; ++i) {
    ASSERT_TRUE(db->Put({}, "a longer key " + std::to_string(i), "value").ok());
    ASSERT_TRUE(db->Flush({}).ok());
  }
  db.reset();
  const fs::path path = list_of(store);
  const std::string list = read(path);
  ASSERT_GT(list.size(), kBlockBytes);
  ASSERT_TRUE(check_file_list(store).ok());
  const std::vector<std::size_t> heads = heads_in(list);
  for (std::size_t i = 0; i < heads.size(); i += 7) {
    const std::size_t head = heads[i];
    for (std::size_t bit = 32; bit < 8 * kHeadBytes; ++bit) {
      std::string damaged = list;
      damaged[head + bit / 8] = static_cast<char>(damaged[head + bit / 8] ^ (1 << bit % 8));
      write(path, damaged);
      EXPECT_EQ(code_of(Result<bool>(check_file_list(store).error())), ErrorCode::kCorruption)
          << head << ' ' << bit;
    }
  }
}

TEST(FileList, NumbersAreThoseOfManifests) {
  EXPECT_EQ(file_list_number("MANIFEST-000012"), 12U);
  EXPECT_EQ(file_list_number("/MANIFEST-1234567"), 1'234'567U);
  for (const char* const other : {"", "MANIFEST-", "MANIFEST-12x", "000012.sst", "CURRENT"}) {
    EXPECT_EQ(file_list_number(other), 0U) << other;
  }
}

}  // namespace
}  // namespace kpi::test
