// Promise P8: a byte that flips anywhere in a store is found by verify, or changes
// nothing: whatever verify calls whole answers as before.
#include "kpi/verify.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <vector>

#include "engine/key/key.h"
#include "engine/rocks/database.h"
#include "kpi/backup.h"
#include "tests/engine/faults/child_run.h"
#include "tests/engine/store_events.h"
#include "tests/support/collecting_sink.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;

Event event_of(int i, std::int64_t time_ms) {
  static const std::string kRps[] = {"https://a", "https://b", "https://c"};
  Event event = plain_event(time_ms);
  event.rp = kRps[i % 3];
  if (i % 5 == 0) event.kind = EventKind(Outcome::kFailure, UiShown::kYes, {Dialect::kFedcm, 101});
  return event;
}

// Three days in chunks dense and sparse, late ones in a second seal, and some in the journal.
void make_store(EngineOptions options, int events) {
  options.retention_raw_days = 0;
  options.retention_minute_days = 0;
  options.rollup_labels = {"browser"};
  const auto engine = open(options);
  for (int part = 0; part < 3; ++part) {
    Batch batch;
    batch.set_sender(1 + static_cast<std::uint64_t>(part));
    for (int i = 0; i < events; ++i) {
      Event event = event_of(i, kNow - 3 * kDayMs + i * (3 * kDayMs / events) + part);
      const NamedLabel browser{"browser", i % 2 == 0 ? "Firefox" : "Chrome"};
      const NamedValue time{"turnaround_time", static_cast<std::uint32_t>(100 + i * 7)};
      event.labels = {&browser, 1};
      event.measures = {&time, 1};
      ASSERT_TRUE(batch.add(event).ok());
    }
    ASSERT_TRUE(engine->append(std::move(batch), {"came", std::to_string(part)}).ok());
    if (part == 2) break;
    ASSERT_TRUE(engine->flush().ok());
  }
  ASSERT_TRUE(engine->create_milestone({"v1", kNow}).ok());
}

VerifyReport verify(const fs::path& dir) {
  const auto report = verify_store(dir, {});
  if (report.ok()) return report.value();
  ADD_FAILURE() << report.error().message;
  return {};
}

std::vector<fs::path> files_of(const fs::path& dir) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void flip(const fs::path& path, std::uint64_t at, int bit) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ (1 << bit)));
}

// Counts by day and RP, of events one by one and of cells; nothing where the store refuses.
std::optional<std::vector<std::uint64_t>> answers(EngineOptions options) {
  options.read_only = true;
  const auto engine = Engine::open(options);
  if (!engine.ok()) return std::nullopt;
  const auto view = engine.value()->view().value();
  const auto total = view->aggregate({});
  std::uint64_t scanned = 0;
  const auto all = view->scan({}, [&](const Event&) {
    ++scanned;
    return true;
  });
  if (!total.ok() || !all.ok()) return std::nullopt;
  const auto& counts = total.value().counts;
  return std::vector<std::uint64_t>{counts.empty() ? 0 : counts[0].events, scanned};
}

// One request with a key and a ticket.
void send_keyed(Engine& engine) {
  CollectingSink sink;
  PendingAppend append;
  append.batch = batch_of(1);
  append.request = {"key", 1, "2040"};
  append.tickets = {{7, kNow / 1000 + 60}};
  append.sink = &sink;
  engine.submit(&append);
  (void)sink.wait_for(1);
  EXPECT_TRUE(append.status.ok());
}

// An empty value: the record goes.
void put_seen(const EngineOptions& options, const std::string& key, const std::string& value) {
  const auto database = Database::open(options, [](const Error&) {});
  ASSERT_TRUE(database.ok());
  rocksdb::DB& db = database.value()->db();
  rocksdb::ColumnFamilyHandle* const family = database.value()->family(Family::kSeen);
  const auto status = value.empty() ? db.Delete({}, family, key) : db.Put({}, family, key, value);
  ASSERT_TRUE(status.ok());
}

TEST(VerifyTest, AWholeStoreHasNoDamageAndItsCellsFollowFromItsEvents) {
  const TempDir dir;
  make_store(options_in(dir), 3000);
  const VerifyReport report = verify(dir.path() / "store");
  EXPECT_EQ(report.damages_found, 0U) << report.damages.at(0);
  EXPECT_EQ(report.events + report.journal_events, 9000U);
  EXPECT_GT(report.journal_events, 0U);
  EXPECT_GE(report.days_recomputed, 3U);
  constexpr std::uint64_t kOfSenders = 3 * 4;  // RPs on days: events do not tell their senders.
  EXPECT_EQ(report.cells_recomputed + kOfSenders, report.cells);
  EXPECT_GT(report.sketches, 0U);
  EXPECT_GT(report.tables, 0U);
}

// Each a record that RocksDB's checksums know nothing of.
TEST(VerifyTest, DamagedRequestKeysAndTicketsAreFound) {
  const TempDir dir;
  send_keyed(*open(options_in(dir)));
  EXPECT_EQ(verify(dir.path() / "store").seen, 2U);
  const std::string head(8, '\0');
  const std::pair<std::string, std::string> damaged[] = {
      {head + std::string(16, 'k'), "short"},
      {head + std::string(16, 'k'), std::string(17, 'x')},
      {"odd", std::string(17, 'x')},
      {'\x80' + std::string(16, '\0'), std::string(9, 'x')},
      {std::string(24, '\xff'), std::string(17, 'x')}};
  for (const auto& [key, value] : damaged) {
    put_seen(options_in(dir), key, value);
    const VerifyReport report = verify(dir.path() / "store");
    EXPECT_EQ(report.damages_found, 1U) << key.size();
    EXPECT_EQ(report.seen, 3U);
    put_seen(options_in(dir), key, {});
  }
  EXPECT_EQ(verify(dir.path() / "store").damages_found, 0U);
}

// As `kpi-admin verify` has it: a flip in a table's footer may end RocksDB, which tells it, too; of
// the few of a commit none does.
bool finds_damage(const fs::path& store) {
  constexpr int kFound = 1;
  if (torture_seconds() == 0) return verify(store).damages_found > 0;
  return run_child([&] {
           when_aborted = [] { _exit(kFound); };
           std::signal(SIGSEGV, [](int) { _exit(kFound); });
           const auto report = verify_store(store, {});
           return report.ok() && report.value().damages_found == 0 ? 0 : kFound;
         }) == kFound;
}

TEST(VerifyTest, DamageAnywhereIsFoundOrHarmless) {
  const TempDir dir;
  make_store(options_in(dir), 60);
  const fs::path store = dir.path() / "store";
  const auto expected = answers(options_in(dir));
  ASSERT_TRUE(expected);
  constexpr std::uint64_t kFlipsOfACommit = 12;  // Of each file.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(torture_seconds());
  std::mt19937_64 rng(1);
  std::uint64_t runs = 0, found = 0, wrong = 0;
  const std::vector<fs::path> files = files_of(store);
  while (runs < kFlipsOfACommit * files.size() || std::chrono::steady_clock::now() < until) {
    const fs::path& file = files[runs++ % files.size()];
    const std::uint64_t size = fs::file_size(file);
    if (size > 0) {
      const std::uint64_t at = rng() % size;
      const int bit = static_cast<int>(rng() % 8);
      flip(file, at, bit);
      const bool is_found = finds_damage(store);
      if (is_found) {
        ++found;
      } else if (answers(options_in(dir)) != expected) {
        ++wrong;
        ADD_FAILURE() << file.filename() << ": byte " << at << " bit " << bit << " was not found";
      }
      const bool table = file.extension() == ".sst";
      EXPECT_TRUE(!table || is_found) << file << " " << at;
      flip(file, at, bit);
    }
  }
  EXPECT_GT(found, 0U);
  EXPECT_EQ(verify(store).damages_found, 0U);
  std::printf("torture: verify runs=%llu faults=%llu violations=%llu\n",
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(wrong));
}

// Behind the checksums of tables: what a bug of ours could have written.
class WrittenWrong : public testing::Test {
 protected:
  WrittenWrong() {
    make_store(options_in(dir_), 300);
    database_ = Database::open(options_in(dir_), [](const Error&) {}).value();
  }
  rocksdb::DB& db() { return database_->db(); }
  rocksdb::ColumnFamilyHandle* family(Family family) { return database_->family(family); }
  // The n-th entry whose key has `byte` at `at`.
  std::pair<std::string, std::string> entry(Family family, std::size_t at, char byte) {
    const std::unique_ptr<rocksdb::Iterator> it(
        db().NewIterator(rocksdb::ReadOptions(), this->family(family)));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (it->key()[at] == byte) return {it->key().ToString(), it->value().ToString()};
    }
    ADD_FAILURE() << "no such entry";
    return {};
  }
  std::string damage() {
    EXPECT_TRUE(database_->close(true).ok());
    const VerifyReport report = verify(dir_.path() / "store");
    return report.damages.empty() ? "" : report.damages[0];
  }
  void put(Family family, const std::string& key, const std::string& value) {
    ASSERT_TRUE(db().Put(database_->write_options(), this->family(family), key, value).ok());
  }
  void remove(Family family, const std::string& key) {
    ASSERT_TRUE(db().Delete(database_->write_options(), this->family(family), key).ok());
  }

  TempDir dir_;
  std::unique_ptr<Database> database_;
};

TEST_F(WrittenWrong, AMissingCellIsNamed) {
  remove(Family::kCells, entry(Family::kCells, 2, 1).first);  // Of hours.
  EXPECT_NE(damage().find("cell is missing: hour counts"), std::string::npos);
}

TEST_F(WrittenWrong, ACellCountedTwiceIsNamed) {
  const auto [key, value] = entry(Family::kCells, 2, 2);  // Of days.
  ASSERT_TRUE(db().Merge(database_->write_options(), family(Family::kCells), key, value).ok());
  EXPECT_NE(damage().find("cell differs from its events: day counts"), std::string::npos);
}

TEST_F(WrittenWrong, ACellWithoutEventsIsNamed) {
  remove(Family::kRaw, entry(Family::kRaw, 5, 1).first);  // Of the first RP.
  const std::string named = damage();
  EXPECT_NE(named.find("cell"), std::string::npos) << named;
}

TEST_F(WrittenWrong, AChunkUnderAnotherSeriesIsNamed) {
  auto [key, value] = entry(Family::kRaw, 5, 1);  // Of the first RP.
  key[9] = 77;
  put(Family::kRaw, key, value);
  EXPECT_NE(damage().find("a series that has no name"), std::string::npos);
}

TEST_F(WrittenWrong, AnEntryOfMetaUnderAnotherNameIsNamed) {
  std::string mark;
  ASSERT_TRUE(db().Get(rocksdb::ReadOptions(), family(Family::kMeta), "mark/came", &mark).ok());
  put(Family::kMeta, "mark/went", mark);
  EXPECT_NE(damage().find("mark/went"), std::string::npos);
}

TEST(VerifyTest, WhatIsNoStoreIsAnError) {
  const TempDir dir;
  EXPECT_EQ(code_of(verify_store(dir.path() / "none", {})), ErrorCode::kNotFound);
  make_store(options_in(dir), 3);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of(verify_store(dir.path() / "store", stop.get_token())), ErrorCode::kCanceled);
}

TEST(VerifyTest, ABackupIsComparedWithItsListFirst) {
  const TempDir dir;
  make_store(options_in(dir), 30);
  const fs::path backup = dir.path() / "backup";
  ASSERT_TRUE(back_up({dir.path() / "store", backup}, {}).ok());
  EXPECT_EQ(verify(backup).damages_found, 0U);
  EXPECT_TRUE(verify(backup).backup);
  std::ofstream(backup / "CURRENT", std::ios::app) << ' ';
  const VerifyReport report = verify(backup);
  ASSERT_EQ(report.damages_found, 1U);
  EXPECT_NE(report.damages[0].find("CURRENT"), std::string::npos);
}

}  // namespace
}  // namespace kpi::test
