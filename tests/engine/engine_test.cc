// The engine as an embedder sees it: durability, views, recovery, refusals.
#include "kpi/engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include "engine/base/bytes.h"
#include "engine/journal/watermark.h"
#include "engine/key/key.h"
#include "engine/rocks/database.h"
#include "engine/rocks/format.h"
#include "engine/seal/sealer.h"
#include "tests/support/collecting_sink.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_dir.h"

namespace kpi {
namespace {

constexpr std::int64_t kNow = 1'795'000'000'000;  // 2026-11-18

EngineOptions options_in(const TempDir& dir) {
  EngineOptions options;
  options.dir = dir.path() / "store";
  options.now_ms = [] { return kNow; };
  return options;
}

std::unique_ptr<Engine> open(const EngineOptions& options) {
  Result<std::unique_ptr<Engine>> engine = Engine::open(options);
  if (engine.ok()) return std::move(engine).value();
  ADD_FAILURE() << engine.error().message;
  return nullptr;
}

Batch batch_of(int events, std::int64_t first_ms = kNow - kHourMs, const char* rp = "https://a") {
  Batch batch;
  for (int i = 0; i < events; ++i) {
    const NamedValue measures[] = {{"turnaround_time", static_cast<std::uint32_t>(100 + i)}};
    Event event;
    event.time_ms = first_ms + i;
    event.rp = rp;
    event.client = "c";
    event.kind = EventKind(Outcome::kSuccess, UiShown::kUnknown);
    event.measures = measures;
    EXPECT_TRUE(batch.add(event).ok());
  }
  return batch;
}

std::uint64_t count(const Store& store, TimeRange range = {}) {
  AggregateRequest request;
  request.range = range;
  const auto result = store.view().value()->aggregate(request);
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return 0;
  }
  return result.value().size == 0 ? 0 : result.value().counts[0].events;
}

TEST(Engine, AnAppendedBatchIsInTheNextAnswerAndAfterReopening) {
  const TempDir dir;
  {
    const auto engine = open(options_in(dir));
    ASSERT_TRUE(engine->append(batch_of(10)).ok());
    EXPECT_EQ(count(*engine), 10U);
    EXPECT_TRUE(engine->close().ok());
  }
  const auto engine = open(options_in(dir));
  EXPECT_EQ(count(*engine), 10U);
  EXPECT_EQ(engine->stats().live_events, 10U);
}

TEST(Engine, SealedAndLiveEventsAreCountedOnceTogether) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->append(batch_of(1000, kNow - 5 * kDayMs)).ok());
  ASSERT_TRUE(engine->flush().ok());
  EXPECT_EQ(engine->stats().live_events, 0U);
  EXPECT_EQ(engine->stats().events_sealed, 1000U);
  ASSERT_TRUE(engine->append(batch_of(7, kNow - 5 * kDayMs)).ok());
  EXPECT_EQ(count(*engine), 1007U);
  ASSERT_TRUE(engine->flush().ok());
  EXPECT_EQ(count(*engine), 1007U);
  EXPECT_EQ(count(*engine, {kNow - 5 * kDayMs, kNow - 5 * kDayMs + 5}), 10U);
}

TEST(Engine, AViewKeepsItsMoment) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->append(batch_of(5)).ok());
  {
    const auto view = engine->view().value();
    ASSERT_TRUE(engine->append(batch_of(6)).ok());
    ASSERT_TRUE(engine->flush().ok());
    EXPECT_EQ(view->aggregate({}).value().counts[0].events, 5U);
  }
  EXPECT_EQ(count(*engine), 11U);
}

TEST(Engine, ASecondProcessIsRefusedAndAReaderIsNot) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->append(batch_of(3)).ok());
  const auto second = Engine::open(options_in(dir));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EngineOptions reading = options_in(dir);
  reading.read_only = true;
  const auto reader = open(reading);
  EXPECT_EQ(count(*reader), 3U);
  const Status refused = reader->append(batch_of(1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST(Engine, AMissingDirectoryIsAClearError) {
  EngineOptions options;
  options.dir = "/nonexistent/parent/store";
  const auto engine = Engine::open(options);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kIo);
  EXPECT_NE(engine.error().message.find("/nonexistent/parent/store"), std::string::npos);
}

TEST(Engine, ALostLogIsNoticed) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  const auto engine = open(options);
  ASSERT_TRUE(engine->append(batch_of(3)).ok());
  const Watermark watermark(options.dir / "WATERMARK");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (watermark.read().value() == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();  // Written each second.
  }
  // What a crash would leave, but for the log.
  options.dir = dir.path() / "crashed";
  std::filesystem::copy(dir.path() / "store", options.dir);
  for (const auto& entry : std::filesystem::directory_iterator(options.dir)) {
    if (entry.path().extension() == ".log") std::filesystem::resize_file(entry.path(), 0);
  }
  const auto crashed = Engine::open(options);
  ASSERT_FALSE(crashed.ok());
  EXPECT_EQ(crashed.error().code, ErrorCode::kCorruption);
}

TEST(Engine, AppendsAfterCloseAreRefused) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  EXPECT_TRUE(engine->close().ok());
  EXPECT_TRUE(engine->close().ok());
  const Status status = engine->append(batch_of(1));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(engine->view().ok());
}

TEST(Engine, ManyThreadsAppendAndNothingIsLost) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&engine, t] {
      const std::string rp = "https://rp" + std::to_string(t);
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(engine->append(batch_of(3, kNow - kHourMs, rp.c_str())).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count(*engine), 8U * 50 * 3);
  EXPECT_EQ(engine->view().value()->rps().size(), 8U);
}

TEST(Engine, TheJournalBudgetStartsASealAndTheDenseRestIsCarriedOver) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.journal_bytes_max = 64U << 10;
  std::uint64_t sent = 0;
  {
    const auto engine = open(options);
    for (int i = 0; i < 200; ++i, sent += 100) {
      ASSERT_TRUE(engine->append(batch_of(100, kNow - 3 * kDayMs + i * 1000)).ok());
      EXPECT_EQ(count(*engine), sent + 100);
    }
    EXPECT_GT(engine->stats().seals, 0U);
    EXPECT_LT(engine->stats().journal_bytes, 4 * options.journal_bytes_max);
  }
  EXPECT_EQ(count(*open(options)), sent);
}

TEST(Engine, AChainComesBackInOrderWithItsStatus) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  CollectingSink sink;
  std::vector<PendingAppend> appends(20);
  for (std::size_t i = 0; i < appends.size(); ++i) {
    appends[i].batch = batch_of(1);
    appends[i].sink = &sink;
    appends[i].next = i + 1 < appends.size() ? &appends[i + 1] : nullptr;
  }
  engine->submit(&appends[0]);
  const auto done = sink.wait_for(appends.size());
  for (std::size_t i = 0; i < done.size(); ++i) {
    EXPECT_EQ(done[i], &appends[i]);
    EXPECT_TRUE(done[i]->status.ok());
  }
  EXPECT_EQ(count(*engine), appends.size());
}

TEST(Engine, TheFirstFailedWriteStopsAllFurtherOnesAndLosesNothingAnswered) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  std::atomic<int> told{0};
  options.on_fatal = [&told](const Error&) { ++told; };
  std::uint64_t answered = 0;
  {
    const auto engine = open(options);
    ASSERT_TRUE(engine->append(batch_of(10)).ok());
    answered = 10;
    {
      const FileSizeLimit limit(8U << 10);
      for (int i = 0; i < 20; ++i) {
        const Status status = engine->append(batch_of(100));
        if (status.ok()) {
          answered += 100;
          continue;
        }
        EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
        break;
      }
    }
    EXPECT_TRUE(engine->stats().failed);
    EXPECT_FALSE(engine->append(batch_of(1)).ok()) << "writes go on after a failed one";
    EXPECT_EQ(engine->flush().error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(engine->apply_retention().error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(count(*engine), answered) << "queries go on";
  }
  const auto engine = open(options_in(dir));
  EXPECT_GE(count(*engine), answered);
  EXPECT_LE(count(*engine), answered + 100);  // The one that failed may have been stored.
}

// RocksDB knows nothing of this error and would go on.
TEST(Engine, AWatermarkThatCannotBeWrittenStopsAllWrites) {
  const TempDir dir;
  const EngineOptions options = options_in(dir);
  const auto engine = open(options);
  std::filesystem::create_directory(options.dir / "WATERMARK");
  ASSERT_TRUE(engine->append(batch_of(3)).ok());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!engine->stats().failed && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();  // Written each second.
  }
  EXPECT_TRUE(engine->stats().failed);
  const Status status = engine->append(batch_of(1));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(count(*engine), 3U);
}

TEST(Engine, ANewerFormatIsRefused) {
  const TempDir dir;
  const EngineOptions options = options_in(dir);
  {
    EngineOptions writing = options;
    const auto database = Database::open(writing, [](const Error&) {});
    ASSERT_TRUE(database.ok());
    std::string newer;
    append_little_endian(newer, kFormatVersion + 1);
    ASSERT_TRUE(database.value()
                    ->db()
                    .Put({}, database.value()->family(Family::kMeta), "format", newer)
                    .ok());
  }
  const auto engine = Engine::open(options);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kUnsupported);
}

TEST(Engine, OldEventsAreReadableUntilTheNextRetentionPass) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->apply_retention().ok());  // Finds nothing to drop, so forgets nothing.
  ASSERT_TRUE(engine->append(batch_of(5, kNow - 5000 * kDayMs)).ok());
  const auto scanned = [&] {
    std::uint64_t events = 0;
    EXPECT_TRUE(
        engine->view().value()->scan({}, [&](const Event&) { return ++events, true; }).ok());
    return events;
  };
  EXPECT_EQ(scanned(), 5U);
  ASSERT_TRUE(engine->flush().ok());
  EXPECT_EQ(scanned(), 5U);
  ASSERT_TRUE(engine->apply_retention().ok());
  EXPECT_EQ(scanned(), 0U);
  EXPECT_EQ(count(*engine), 5U) << "day cells stay";
}

TEST(Engine, RetentionDropsRawEventsAndKeepsTheHoursOfSparseSeries) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  const auto engine = open(options);
  const std::int64_t old_ms = kNow - 60 * kDayMs;
  ASSERT_TRUE(engine->append(batch_of(5, old_ms)).ok());
  ASSERT_TRUE(engine->flush().ok());
  ASSERT_TRUE(engine->apply_retention().ok());
  AggregateRequest hours;
  hours.range = {old_ms - old_ms % kHourMs, old_ms - old_ms % kHourMs + 2 * kHourMs};
  hours.bucket_width_ms = kHourMs;
  hours.where.kind = Predicate::Kind::kDimensionIn;
  hours.where.values = {"https://a"};
  hours.measures = {"turnaround_time"};
  const auto result = engine->view().value()->aggregate(hours);
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result.value().size, 1U);
  EXPECT_EQ(result.value().counts[0].events, 5U);
  EXPECT_EQ(result.value().sketches[0][0].max(), 104U);
  const auto scanned = engine->view().value()->scan({}, [](const Event&) { return true; });
  ASSERT_TRUE(scanned.ok());
  EXPECT_GT(scanned.value().covered.begin_ms, old_ms);
}

TEST(Engine, RetentionDropsEveryDayBeforeItsSpanAndNoOther) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.retention_raw_days = 3;
  const auto engine = open(options);
  std::set<std::uint16_t> kept;
  for (int day = 0; day < 8; ++day) {
    ASSERT_TRUE(engine->append(batch_of(2, kNow - day * kDayMs)).ok());
    if (day <= options.retention_raw_days) kept.insert(day_of(kNow - day * kDayMs));
  }
  ASSERT_TRUE(engine->flush().ok());
  ASSERT_TRUE(engine->apply_retention().ok());
  std::set<std::uint16_t> found;
  const auto scanned = engine->view().value()->scan({}, [&](const Event& event) {
    found.insert(day_of(event.time_ms));
    return true;
  });
  ASSERT_TRUE(scanned.ok());
  EXPECT_EQ(found, kept);
}

TEST(Engine, RetentionBelievesAfterARestartWhatWasVouchedFor) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  const auto kept = [&](std::string_view key) {
    const auto database = Database::open(options, [](const Error&) {});
    EXPECT_TRUE(database.ok());
    return static_cast<std::int64_t>(meta_number(*database.value(), key, nullptr).value());
  };
  for (const std::int64_t now : {kNow, kNow + 40 * kDayMs}) {
    options.now_ms = [now] { return now; };
    auto engine = open(options);
    ASSERT_TRUE(engine->apply_retention().ok());
    ASSERT_TRUE(engine->close().ok());
    engine.reset();
    EXPECT_EQ(kept(kMetaBelieved), now);
    EXPECT_EQ(kept(kMetaHeldAt), 0);
  }
}

TEST(Engine, LateEventsMakeNoCellsThatWouldNeverBeDropped) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.retention_raw_days = 2;
  options.retention_minute_days = 3;
  options.retention_hour_days = 4;
  options.retention_day_days = 20;
  {
    const auto engine = open(options);
    ASSERT_TRUE(engine->apply_retention().ok());
    for (int day = 1; day < 30; ++day) {
      ASSERT_TRUE(engine->append(batch_of(3, kNow - day * kDayMs)).ok());
    }
    ASSERT_TRUE(engine->flush().ok());
    ASSERT_TRUE(engine->close().ok());
  }
  const auto database = Database::open(options, [](const Error&) {});
  ASSERT_TRUE(database.ok());
  const std::unique_ptr<rocksdb::Iterator> it(
      database.value()->db().NewIterator({}, database.value()->family(Family::kCells)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const CellKey key = decode_cell_key({it->key().data(), it->key().size()}).value();
    const int kept = key.width == CellWidth::kMinute ? 3 : key.width == CellWidth::kHour ? 4 : 27;
    EXPECT_GE(key.first_day, day_of(kNow) - kept) << static_cast<int>(key.width);
  }
  EXPECT_TRUE(it->status().ok());
}

}  // namespace
}  // namespace kpi
