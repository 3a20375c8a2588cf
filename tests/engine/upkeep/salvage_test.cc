// Promise P7: where a store does not open as ever, salvage keeps what is readable, says what is
// lost, never touches the damaged store, and leaves a store that verify calls whole.
#include "kpi/salvage.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <vector>

#include "engine/key/key.h"
#include "engine/rocks/database.h"
#include "kpi/verify.h"
#include "tests/engine/faults/child_run.h"
#include "tests/engine/store_events.h"
#include "tests/support/collecting_sink.h"

namespace kpi::test {
namespace {

namespace fs = std::filesystem;

constexpr int kRecords = 200, kEvents = 20;

EngineOptions salvage_options(const TempDir& dir) {
  EngineOptions options = options_in(dir);
  options.durability = Durability::kFsync;  // With a watermark.
  options.retention_raw_days = 0;
  return options;
}

// Some records sealed, the others in the log as a crash leaves them.
fs::path crashed_store(const TempDir& dir) {
  const fs::path crashed = dir.path() / "crashed";
  const auto engine = open(salvage_options(dir));
  for (int i = 0; i < kRecords; ++i) {
    const auto day = (i % 3) * kDayMs;
    EXPECT_TRUE(engine->append(batch_of(kEvents, kNow - 3 * kDayMs + day + i * 1000)).ok());
    if (i == kRecords / 2) {
      EXPECT_TRUE(engine->flush().ok());
    }
  }
  fs::copy(dir.path() / "store", crashed, fs::copy_options::recursive);
  return crashed;
}

std::map<std::string, std::string> contents_of(const fs::path& dir) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator(dir)) {
    std::ifstream in(entry.path(), std::ios::binary);
    contents[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return contents;
}

std::vector<fs::path> files_of(const fs::path& dir, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == extension && entry.file_size() > 0)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void flip(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
}

struct Salvaged {
  SalvageReport report;
  std::uint64_t events = 0;  // That the new store answers with.
  std::uint64_t names = 0;   // Of RPs, that are not lost.
};

Salvaged salvage(const TempDir& dir, const fs::path& from) {
  const fs::path out = dir.path() / "out";
  const auto before = contents_of(from);
  Salvaged outcome;
  const auto salvaged = salvage_store(from, out, {});
  EXPECT_EQ(contents_of(from), before) << "the damaged store was touched";
  if (!salvaged.ok()) {
    ADD_FAILURE() << salvaged.error().message;
    return outcome;
  }
  outcome.report = salvaged.value();
  EngineOptions options = salvage_options(dir);
  options.dir = out;
  const auto engine = open(options);  // To write: it must be a store like any other.
  if (engine) {
    outcome.events = count(*engine);
    for (const std::string& rp : engine->view().value()->rps()) {
      outcome.names += rp.compare(0, 6, "(lost ") != 0;
    }
    EXPECT_TRUE(engine->append(batch_of(1)).ok());
    EXPECT_TRUE(engine->close().ok());
  }
  const auto verified = verify_store(out, {});
  EXPECT_TRUE(verified.ok() && verified.value().damages_found == 0);
  fs::remove_all(out);
  return outcome;
}

// Promise P3: a retry is known after it, a used token stays used; what cannot be read is named.
TEST(SalvageTest, RequestKeysAndTicketsAreCarriedOver) {
  const TempDir dir;
  const fs::path out = dir.path() / "out";
  const std::vector<Ticket> tickets = {{7, kNow / 1000 + 60}};
  const auto send = [&](Engine& engine) {
    CollectingSink sink;
    PendingAppend append;
    append.batch = batch_of(1);
    append.request = {"key", 1, "answer"};
    append.tickets = tickets;
    append.sink = &sink;
    engine.submit(&append);
    (void)sink.wait_for(1);
    return append.seen;
  };
  {
    const auto engine = open(salvage_options(dir));
    EXPECT_EQ(send(*engine), RequestSeen::kFirst);
  }
  {
    const auto database = Database::open(salvage_options(dir), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    const Database& data = *database.value();
    const std::string key = std::string(8, '\0') + std::string(16, 'k');
    ASSERT_TRUE(data.db().Put({}, data.family(Family::kSeen), key, "damaged").ok());
  }
  const auto salvaged = salvage_store(dir.path() / "store", out, {});
  ASSERT_TRUE(salvaged.ok()) << salvaged.error().message;
  EXPECT_EQ(salvaged.value().seen, 2U);
  ASSERT_EQ(salvaged.value().losses_found, 1U);
  EXPECT_NE(salvaged.value().losses[0].find("request key or ticket"), std::string::npos);
  EngineOptions options = salvage_options(dir);
  options.dir = out;
  const auto engine = open(options);
  EXPECT_EQ(send(*engine), RequestSeen::kDuplicate);
  EXPECT_EQ(engine->tickets(9).value(), tickets);
  EXPECT_EQ(count(*engine), 1U);
}

// No event tells them: one that is damaged is lost, though its day has all of its events.
TEST(SalvageTest, SendersAreCarriedOverAndThoseThatAreDamagedAreNamed) {
  const TempDir dir;
  {
    const auto engine = open(salvage_options(dir));
    Batch batch;
    batch.set_sender(1);
    for (const char* rp : {"https://a", "https://b"}) {
      Event event = plain_event(kNow);
      event.rp = rp;
      ASSERT_TRUE(batch.add(event).ok());
    }
    ASSERT_TRUE(engine->append(std::move(batch)).ok());
    ASSERT_TRUE(engine->close().ok());
  }
  const KeyRange range = cell_range(day_of(kNow), CellWidth::kHour, CellKind::kSenders);
  const auto keys_of_senders = [&](const Database& data) {
    std::vector<std::string> keys;
    const std::unique_ptr<rocksdb::Iterator> it(
        data.db().NewIterator({}, data.family(Family::kCells)));
    for (it->Seek(range.begin); it->Valid() && it->key().compare(range.end) < 0; it->Next()) {
      keys.push_back(it->key().ToString());
    }
    return keys;
  };
  std::vector<std::string> before;
  {
    const auto database = Database::open(salvage_options(dir), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    const Database& data = *database.value();
    before = keys_of_senders(data);
    ASSERT_EQ(before.size(), 2U);
    ASSERT_TRUE(data.db().Put({}, data.family(Family::kCells), before[1], "damaged").ok());
  }
  EngineOptions options = salvage_options(dir);
  options.dir = dir.path() / "out";
  const auto salvaged = salvage_store(dir.path() / "store", options.dir, {});
  ASSERT_TRUE(salvaged.ok()) << salvaged.error().message;
  ASSERT_EQ(salvaged.value().losses_found, 1U);
  EXPECT_NE(salvaged.value().losses[0].find("hour senders"), std::string::npos)
      << salvaged.value().losses[0];
  const auto database = Database::open(options, [](const Error&) {});
  ASSERT_TRUE(database.ok());
  EXPECT_EQ(keys_of_senders(*database.value()), std::vector{before[0]});
}

TEST(SalvageTest, AWholeStoreLosesNothing) {
  const TempDir dir;
  const Salvaged outcome = salvage(dir, crashed_store(dir));
  EXPECT_EQ(outcome.report.losses_found, 0U) << outcome.report.losses.at(0);
  EXPECT_EQ(outcome.report.opened, SalvageReport::Opened::kWhole);
  EXPECT_EQ(outcome.events, std::uint64_t{kRecords * kEvents});
}

TEST(SalvageTest, ALogIsKeptUpToItsDamageAndTheSequencesBehindItAreNamed) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  const fs::path log = files_of(crashed, ".log").back();
  flip(log, fs::file_size(log) * 3 / 4);
  const Salvaged outcome = salvage(dir, crashed);
  EXPECT_EQ(outcome.report.opened, SalvageReport::Opened::kLogCut);
  EXPECT_FALSE(outcome.report.reason.empty());
  EXPECT_EQ(outcome.events, outcome.report.sequence * kEvents);
  EXPECT_GT(outcome.events, std::uint64_t{kRecords * kEvents / 2});
  EXPECT_LT(outcome.events, std::uint64_t{kRecords * kEvents});
  ASSERT_EQ(outcome.report.losses_found, 1U);
  EXPECT_NE(outcome.report.losses[0].find("sequences"), std::string::npos);
}

TEST(SalvageTest, WithoutItsLogsWhatIsInTablesIsKept) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  for (const fs::path& log : files_of(crashed, ".log")) fs::remove(log);
  const Salvaged outcome = salvage(dir, crashed);
  EXPECT_LT(outcome.events, std::uint64_t{kRecords * kEvents});
}

TEST(SalvageTest, WithoutAListOfFilesOneIsMadeAnew) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  fs::remove(crashed / "CURRENT");
  for (const auto& entry : fs::directory_iterator(crashed)) {
    if (entry.path().filename().string().compare(0, 8, "MANIFEST") == 0) fs::remove(entry.path());
  }
  const Salvaged outcome = salvage(dir, crashed);
  EXPECT_EQ(outcome.report.opened, SalvageReport::Opened::kListRebuilt);
  EXPECT_EQ(outcome.events, std::uint64_t{kRecords * kEvents});
}

TEST(SalvageTest, DamageInAnyTableOrLogCostsNoMoreThanIsTold) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(torture_seconds());
  std::mt19937_64 rng(1);
  std::vector<fs::path> files = files_of(crashed, ".sst");
  for (const fs::path& log : files_of(crashed, ".log")) files.push_back(log);
  std::uint64_t runs = 0, wrong = 0;
  while (runs < files.size() || std::chrono::steady_clock::now() < until) {
    const fs::path& file = files[runs++ % files.size()];
    const std::uint64_t at = rng() % fs::file_size(file);
    flip(file, at);
    const Salvaged outcome = salvage(dir, crashed);
    const bool all = outcome.events == std::uint64_t{kRecords * kEvents};
    if (outcome.events > std::uint64_t{kRecords * kEvents} ||
        (!all && outcome.report.losses_found == 0)) {
      ++wrong;
      ADD_FAILURE() << file << " byte " << at << ": " << outcome.events << " events, "
                    << outcome.report.losses_found << " losses told";
    }
    flip(file, at);
  }
  std::printf("torture: salvage runs=%llu faults=%llu violations=%llu\n",
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(wrong));
}

constexpr int kRps = 10'000;

// Two events of each RP, sealed: raw events, names and cells fill many blocks of a table each.
void wide_store(const TempDir& dir) {
  const auto engine = open(salvage_options(dir));
  for (const std::int64_t day : {2 * kDayMs, kDayMs}) {
    Batch batch;
    for (int i = 0; i < kRps; ++i) {
      const std::string rp = "https://" + std::to_string(i) + ".example";
      Event event = plain_event(kNow - day + i);
      event.rp = rp;
      EXPECT_TRUE(batch.add(event).ok());
    }
    EXPECT_TRUE(engine->append(std::move(batch)).ok());
  }
  EXPECT_TRUE(engine->flush().ok());
  EXPECT_TRUE(engine->close().ok());
}

struct Table {
  fs::path path;
  std::uint64_t block_bytes = 0, blocks = 0;  // Of data: they are at its front.
};

Table largest_table(const fs::path& store, const std::string& family) {
  Table largest;
  std::uint64_t bytes = 0;
  for (const fs::path& path : files_of(store, ".sst")) {
    rocksdb::SstFileReader reader{rocksdb::Options()};
    EXPECT_TRUE(reader.Open(path).ok());
    const auto properties = reader.GetTableProperties();
    if (properties->column_family_name != family || properties->data_size <= bytes) continue;
    bytes = properties->data_size;
    largest = {path, bytes / properties->num_data_blocks, properties->num_data_blocks};
  }
  return largest;
}

// The parameter: a family.
class SalvageBlocksTest : public testing::TestWithParam<const char*> {};

TEST_P(SalvageBlocksTest, ADamagedBlockCostsNoMoreThanItself) {
  const TempDir dir;
  wide_store(dir);
  const fs::path store = dir.path() / "store";
  const Table table = largest_table(store, GetParam());
  ASSERT_GE(table.blocks, 20U) << table.path;
  const bool names = std::string(GetParam()) == "names", raw = std::string(GetParam()) == "raw";
  const std::vector<std::vector<std::uint64_t>> damages = {{0}, {2, 4, table.blocks - 1}};
  for (const auto& damaged : damages) {
    SCOPED_TRACE(testing::Message() << damaged.size() << " blocks of " << table.blocks
                                    << ", the first is " << damaged[0]);
    const auto flip_all = [&] {
      for (const std::uint64_t block : damaged) {
        flip(table.path, block * table.block_bytes + table.block_bytes / 2);
      }
    };
    flip_all();
    const Salvaged outcome = salvage(dir, store);
    flip_all();
    EXPECT_GE(outcome.report.losses_found, damaged.size());
    // Blocks are not all of one size; names of RPs are in one half of theirs.
    const double lost_share =
        1.25 * static_cast<double>(damaged.size()) / static_cast<double>(table.blocks);
    EXPECT_GE(static_cast<double>(outcome.events), 2 * kRps * (raw ? 1 - lost_share : 1));
    EXPECT_GE(static_cast<double>(outcome.names), kRps * (names ? 1 - 2 * lost_share : 1));
  }
}

INSTANTIATE_TEST_SUITE_P(Families, SalvageBlocksTest, testing::Values("raw", "names", "cells"));

// Without its list of files: of two batches one is sealed, and one is in the log.
void expect_both_batches(const TempDir& dir, const fs::path& crashed) {
  fs::remove(crashed / "CURRENT");
  const Salvaged outcome = salvage(dir, crashed);
  EXPECT_EQ(outcome.report.opened, SalvageReport::Opened::kListRebuilt);
  EXPECT_EQ(outcome.report.journal_events, std::uint64_t{kEvents});
  EXPECT_EQ(outcome.events, std::uint64_t{2 * kEvents});
}

// The records from the damage to the end of its block are lost, and those behind them kept.
TEST(SalvageTest, WithoutAListOfFilesDamageInALogCostsABlock) {
  constexpr std::uintmax_t kBlockBytes = 32U << 10;
  constexpr std::uint64_t kMany = 1000;
  const TempDir dir;
  const fs::path crashed = dir.path() / "crashed";
  const auto engine = open(salvage_options(dir));
  for (std::uint64_t i = 0; i < kMany; ++i) {
    ASSERT_TRUE(engine->append(batch_of(kEvents, kNow - 1000)).ok());
  }
  fs::copy(dir.path() / "store", crashed, fs::copy_options::recursive);
  fs::remove(crashed / "CURRENT");
  const fs::path log = files_of(crashed, ".log").back();
  ASSERT_GT(fs::file_size(log), 2 * kBlockBytes) << "nothing is behind the damage";
  flip(log, kBlockBytes + kBlockBytes / 2);
  const Salvaged outcome = salvage(dir, crashed);
  EXPECT_EQ(outcome.report.opened, SalvageReport::Opened::kListRebuilt);
  EXPECT_EQ(outcome.report.sequence, kMany) << "the end of the log is kept";
  EXPECT_LT(outcome.events, kMany * kEvents);
  EXPECT_GT(outcome.events, kMany * kEvents / 2);
  EXPECT_GT(outcome.report.losses_found, 0U);
}

// What was sealed has left the journal: no table is of its family, only the log knows it.
TEST(SalvageTest, WithoutAListOfFilesALogIsReadThoughItsFamilyHasNoTable) {
  const TempDir dir;
  const fs::path crashed = dir.path() / "crashed";
  {
    const auto engine = open(salvage_options(dir));
    ASSERT_TRUE(engine->append(batch_of(kEvents, kNow - 2 * kDayMs)).ok());
    ASSERT_TRUE(engine->flush().ok());
    ASSERT_TRUE(engine->close().ok());
  }
  {
    const auto database = Database::open(salvage_options(dir), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    const Database& data = *database.value();
    rocksdb::CompactRangeOptions whole;
    whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(
        data.db().CompactRange(whole, data.family(Family::kJournal), nullptr, nullptr).ok());
    ASSERT_TRUE(database.value()->close(true).ok());
  }
  {
    const auto engine = open(salvage_options(dir));
    ASSERT_TRUE(engine->append(batch_of(kEvents, kNow - 1000)).ok());
    fs::copy(dir.path() / "store", crashed, fs::copy_options::recursive);
  }
  ASSERT_TRUE(largest_table(crashed, "journal").path.empty());
  expect_both_batches(dir, crashed);
}

// A log is left behind when the last family that needed it is written out, and read by nobody.
TEST(SalvageTest, WithoutAListOfFilesALogThatIsInTablesCountsOnce) {
  const TempDir dir;
  const fs::path store = dir.path() / "store", kept = dir.path() / "kept";
  const auto engine = open(salvage_options(dir));
  ASSERT_TRUE(engine->append(batch_of(kEvents, kNow - 2 * kDayMs)).ok());
  fs::create_directory(kept);
  for (const fs::path& log : files_of(store, ".log")) fs::copy(log, kept / log.filename());
  ASSERT_TRUE(engine->flush().ok());
  ASSERT_TRUE(engine->append(batch_of(kEvents, kNow - 1000)).ok());
  const fs::path crashed = dir.path() / "crashed";
  fs::copy(store, crashed, fs::copy_options::recursive);
  fs::copy(kept, crashed, fs::copy_options::skip_existing);
  ASSERT_GT(files_of(crashed, ".log").size(), 1U);
  expect_both_batches(dir, crashed);
}

// One flipped bit in the names costs the names, not what is stored under them: sealed or not.
TEST(SalvageTest, WithoutNamesTheEventsAreKept) {
  const TempDir dir;
  const fs::path crashed = dir.path() / "crashed";
  constexpr int kEach = 50;
  EngineOptions options = salvage_options(dir);
  options.rollup_labels = {"os"};
  const auto append = [&](Engine& engine, std::int64_t first_ms, const char* rp,
                          const std::string& mark) {
    const std::string other = "time_to_" + mark, os = "Linux " + mark, label = "new " + mark;
    const NamedValue measures[] = {{"turnaround_time", 100}, {other, 7}};
    const NamedLabel labels[] = {{"os", os}, {"browser", "Firefox"}, {label, mark}};
    Batch batch;
    for (int i = 0; i < kEach; ++i) {
      Event event = plain_event(first_ms + i);
      event.rp = rp;
      event.measures = measures;
      event.labels = labels;
      ASSERT_TRUE(batch.add(event).ok());
    }
    ASSERT_TRUE(engine.append(std::move(batch)).ok());
  };
  {
    const auto engine = open(options);
    append(*engine, kNow - 2 * kDayMs, "https://a", "sealed");
    ASSERT_TRUE(engine->flush().ok());
    ASSERT_TRUE(engine->close().ok());
  }
  {
    const auto engine = open(options);
    append(*engine, kNow - 1000, "https://a", "journal");
    append(*engine, kNow - 500, "https://b", "journal");
    fs::copy(dir.path() / "store", crashed, fs::copy_options::recursive);
  }
  const Table names = largest_table(crashed, "names");
  ASSERT_EQ(names.blocks, 1U);
  flip(names.path, 0);
  const Salvaged outcome = salvage(dir, crashed);
  EXPECT_GT(outcome.report.losses_found, 5U);
  EXPECT_EQ(outcome.report.events, std::uint64_t{kEach});
  EXPECT_EQ(outcome.report.journal_events, std::uint64_t{2 * kEach});
  EXPECT_EQ(outcome.events, std::uint64_t{3 * kEach});
}

TEST(SalvageTest, WhatIsInUseOrNotFreeIsLeftAlone) {
  const TempDir dir;
  const fs::path crashed = crashed_store(dir);
  EXPECT_EQ(code_of(salvage_store(dir.path() / "none", dir.path() / "out", {})),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of(salvage_store(crashed, crashed, {})), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(dir.path() / "out.part"));
  EXPECT_FALSE(fs::exists(dir.path() / "out.part.work"));
}

}  // namespace
}  // namespace kpi::test
