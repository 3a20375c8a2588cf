// Documents through the engine: kept word for word, in order, as long as raw events.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/document/document_record.h"
#include "engine/document/document_sweep.h"
#include "engine/rocks/format.h"
#include "engine/rocks/options.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

void add(Batch* batch, std::int64_t time_ms, std::string_view text) {
  ASSERT_TRUE(batch->add(plain_event(time_ms)).ok());
  if (!text.empty()) {
    ASSERT_TRUE(batch->attach_document(text).ok());
  }
}

void append(Engine& engine, std::int64_t time_ms, std::string_view text) {
  Batch batch;
  add(&batch, time_ms, text);
  const Status appended = engine.append(std::move(batch));
  ASSERT_TRUE(appended.ok()) << appended.error().message;
}

std::vector<std::string> texts(const Documents& documents, TimeRange range = {}) {
  std::vector<std::string> found;
  const Status read = documents.for_each(range, {}, {}, [&](const Document& document) {
    found.push_back(document.text);
    return true;
  });
  EXPECT_TRUE(read.ok()) << read.error().message;
  return found;
}
std::vector<std::string> texts(const Engine& engine, TimeRange range = {}) {
  return texts(*engine.documents().value(), range);
}
std::uint64_t count_documents(const Engine& engine) {
  const auto count = engine.documents().value()->count({});
  EXPECT_TRUE(count.ok());
  return count.ok() ? count.value() : 0;
}

using Texts = std::vector<std::string>;

TEST(BatchDocument, NeedsAnEventOfItsOwnAndAText) {
  Batch batch;
  EXPECT_EQ(code_of(batch.attach_document("x")), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(batch.add(plain_event(1)).ok());
  EXPECT_EQ(code_of(batch.attach_document("")), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(batch.attach_document("x").ok());
  EXPECT_EQ(code_of(batch.attach_document("y")), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(batch.add(plain_event(2)).ok());
  EXPECT_TRUE(batch.attach_document("y").ok());
  batch.clear();
  EXPECT_EQ(code_of(batch.attach_document("x")), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(batch.add(plain_event(1)).ok());
  EXPECT_TRUE(batch.attach_document("x").ok());
}

TEST(BatchDocument, HasALimitAndCountsInThatOfTheBatch) {
  Batch batch;
  const std::string longest(kDocumentBytesMax, 'x');
  ASSERT_TRUE(batch.add(plain_event(1)).ok());
  EXPECT_EQ(code_of(batch.attach_document(longest + 'x')), ErrorCode::kLimitExceeded);
  const std::size_t before = batch.size_bytes();
  EXPECT_TRUE(batch.attach_document(longest).ok());
  EXPECT_EQ(batch.size_bytes(), before + longest.size());
  Status status = ok_status();
  std::size_t documents = 1;
  for (; status.ok() && documents < 2000; ++documents) {
    ASSERT_TRUE(batch.add(plain_event(1)).ok());
    status = batch.attach_document(longest);
  }
  EXPECT_EQ(code_of(status), ErrorCode::kLimitExceeded);
  EXPECT_EQ(documents, kBatchBytesMax / kDocumentBytesMax);  // Names take the place of the last.
  batch.clear();
  ASSERT_TRUE(batch.add(plain_event(1)).ok());
  EXPECT_TRUE(batch.attach_document(longest).ok());
}

TEST(Documents, AreReadBackInOrderOfTimeThenCommit) {
  const TempDir dir;
  const Texts expected = {"old", "first of 50", "second of 50", "third of 50", "new"};
  std::vector<std::string> ids;
  {
    const auto engine = open(options_in(dir));
    Batch batch;
    add(&batch, 50, "first of 50");
    add(&batch, 99, "new");
    add(&batch, 60, "");
    add(&batch, 50, "second of 50");
    ASSERT_TRUE(engine->append(std::move(batch)).ok());
    append(*engine, 50, "third of 50");
    append(*engine, 7, "old");
    EXPECT_EQ(texts(*engine), expected);
    EXPECT_EQ(texts(*engine, {50, 51}), (Texts{expected.begin() + 1, expected.begin() + 4}));
    EXPECT_EQ(texts(*engine, {51, 99}), Texts());
    EXPECT_EQ(texts(*engine, {99, 50}), Texts());
    EXPECT_EQ(count_documents(*engine), 5U);
    EXPECT_EQ(engine->documents().value()->last().value()->text, "new");
    ASSERT_TRUE(engine->flush().ok());
    (void)engine->documents().value()->for_each({}, {}, {}, [&](const Document& document) {
      ids.push_back(document.id);
      return true;
    });
  }
  const auto engine = open(options_in(dir));
  append(*engine, 100, "newest");
  const auto documents = engine->documents().value();
  ASSERT_EQ(ids.size(), expected.size());
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(documents->find(ids[i]).value().text, expected[i]);
    EXPECT_EQ(documents->find(ids[i]).value().id, ids[i]);
  }
  EXPECT_EQ(documents->last().value()->text, "newest");
  EXPECT_EQ(documents->last().value()->time_ms, 100);
  EXPECT_EQ(count_documents(*engine), 6U);
  EXPECT_EQ(code_of(documents->find(std::string(32, '0'))), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(documents->find("no id")), ErrorCode::kNotFound);
  EXPECT_EQ(texts(*open_to_read(dir)).size(), 6U);
}

TEST(Documents, AreOfTheMomentTheyWereTaken) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  append(*engine, 1, "one");
  const auto documents = engine->documents().value();
  append(*engine, 2, "two");
  EXPECT_EQ(texts(*documents), Texts{"one"});
  EXPECT_EQ(documents->count({}).value(), 1U);
  EXPECT_EQ(documents->last().value()->text, "one");
  ASSERT_TRUE(engine->close().ok());
  EXPECT_EQ(texts(*documents), Texts{"one"}) << "files stay open";
  EXPECT_EQ(code_of(engine->documents()), ErrorCode::kUnavailable);
}

TEST(Documents, OfAnEmptyStoreAreNone) {
  const TempDir dir;
  const auto documents = open(options_in(dir))->documents().value();
  EXPECT_EQ(texts(*documents), Texts());
  EXPECT_EQ(documents->count({}).value(), 0U);
  EXPECT_FALSE(documents->last().value().has_value());
}

TEST(Documents, StopWhereTheReaderHasEnoughOrIsCanceled) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  for (int i = 0; i < 5; ++i) append(*engine, i, "text");
  int seen = 0;
  const auto documents = engine->documents().value();
  EXPECT_TRUE(documents->for_each({}, {}, {}, [&](const Document&) { return ++seen < 3; }).ok());
  EXPECT_EQ(seen, 3);
  std::stop_source stop;
  stop.request_stop();
  const auto any = [](const Document&) { return true; };
  EXPECT_EQ(code_of(documents->for_each({}, {}, stop.get_token(), any)), ErrorCode::kCanceled);
}

TEST(Documents, AreReadOnBehindOneOfThem) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  for (const char* text : {"a", "b", "c"}) append(*engine, 5, text);
  append(*engine, 6, "d");
  append(*engine, 4, "0");
  const auto documents = engine->documents().value();
  const auto behind = [&](TimeRange range, const std::string& id) {
    Texts found;
    const Status read = documents->for_each(range, id, {}, [&](const Document& document) {
      found.push_back(document.text);
      return true;
    });
    EXPECT_TRUE(read.ok());
    return found;
  };
  std::vector<std::string> ids;
  ASSERT_TRUE(documents
                  ->for_each({}, {}, {},
                             [&](const Document& document) {
                               ids.push_back(document.id);
                               return true;
                             })
                  .ok());
  ASSERT_EQ(ids.size(), 5U);
  EXPECT_EQ(behind({}, ids[0]), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(behind({}, ids[2]), (Texts{"c", "d"}));
  EXPECT_EQ(behind({5, 6}, ids[2]), Texts{"c"});
  EXPECT_EQ(behind({5, 6}, ids[0]), (Texts{"a", "b", "c"}));  // Before the range.
  EXPECT_EQ(behind({5, 6}, ids[3]), Texts());
  EXPECT_EQ(behind({4, 5}, ids[4]), Texts());  // Behind the range.
  EXPECT_EQ(behind({}, std::string(32, 'f')), Texts());
  EXPECT_EQ(behind({}, std::string(32, '0')), (Texts{"0", "a", "b", "c", "d"}));
  const auto any = [](const Document&) { return true; };
  for (const char* id : {"x", "0", "zz000000000000000000000000000000"}) {
    EXPECT_EQ(code_of(documents->for_each({}, id, {}, any)), ErrorCode::kInvalidArgument) << id;
  }
}

TEST(Documents, ThatAreDamagedAreNamed) {
  const TempDir dir;
  std::string id;
  {
    const auto engine = open(options_in(dir));
    append(*engine, 1, "text");
    id = engine->documents().value()->last().value()->id;
  }
  {
    const auto database = Database::open(options_in(dir), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    const Database& data = *database.value();
    const std::string key = document_key_of(id).value();
    std::string value = encode_document(key, 20'000, "text");
    value.back() = 'T';
    ASSERT_TRUE(data.db().Put({}, data.family(Family::kDocuments), key, value).ok());
  }
  const auto engine = open(options_in(dir));
  const auto documents = engine->documents().value();
  const auto found = documents->find(id);
  ASSERT_EQ(code_of(found), ErrorCode::kCorruption);
  EXPECT_NE(found.error().message.find(id), std::string::npos);
  EXPECT_EQ(code_of(documents->last()), ErrorCode::kCorruption);
  EXPECT_EQ(code_of(documents->for_each({}, {}, {}, [](const Document&) { return true; })),
            ErrorCode::kCorruption);
  EXPECT_TRUE(engine->apply_retention().ok()) << "what is damaged stays";
  EXPECT_FALSE(engine->stats().failed);
}

// A store whose clock stands where the test puts it.
class DocumentRetention : public testing::Test {
 protected:
  void open_keeping(int days) {
    EngineOptions options = options_in(dir_);
    options.retention_raw_days = days;
    options.now_ms = [this] { return now_ms_.load(); };
    engine_ = open(options);
  }
  void pass_days(int days) {
    now_ms_ += days * kDayMs;
    const Status aged = engine_->apply_retention();
    ASSERT_TRUE(aged.ok()) << aged.error().message;
    EXPECT_EQ(count_documents(*engine_), texts(*engine_).size());
  }
  const TempDir dir_;
  std::atomic<std::int64_t> now_ms_{kNow};
  std::unique_ptr<Engine> engine_;
};

TEST_F(DocumentRetention, CountsFromTheLaterOfTimeAndArrival) {
  open_keeping(30);
  append(*engine_, kNow, "of today");
  append(*engine_, kNow - 2000 * kDayMs, "old, arrived today");
  pass_days(30);
  EXPECT_EQ(texts(*engine_), (Texts{"old, arrived today", "of today"}));
  append(*engine_, kNow - 2000 * kDayMs, "old, arrived late");
  pass_days(1);
  EXPECT_EQ(texts(*engine_), Texts{"old, arrived late"});
  pass_days(29);
  EXPECT_EQ(texts(*engine_), Texts{"old, arrived late"});
  pass_days(1);
  EXPECT_EQ(texts(*engine_), Texts());
  EXPECT_TRUE(engine_->close().ok());
  open_keeping(30);
  EXPECT_EQ(count_documents(*engine_), 0U);
}

TEST_F(DocumentRetention, OfZeroDaysIsForEver) {
  open_keeping(0);
  append(*engine_, 1, "text");
  pass_days(10'000);
  EXPECT_EQ(texts(*engine_), Texts{"text"});
}

TEST_F(DocumentRetention, IsOnlyForTheUpkeepOfTheEarlierMoment) {
  open_keeping(30);
  append(*engine_, kNow - 100 * kDayMs, "text");
  const auto documents = engine_->documents().value();
  pass_days(31);
  EXPECT_EQ(texts(*engine_), Texts());
  EXPECT_EQ(texts(*documents), Texts{"text"}) << "a picture that changes";
  EXPECT_EQ(documents->count({}).value(), 1U);
}

TEST_F(DocumentRetention, GoesOnInSteps) {
  open_keeping(30);
  constexpr std::size_t kDropped = DocumentSweep::kDocumentsPerStep + 10;
  Batch batch;
  for (std::size_t i = 0; i < kDropped; ++i) {
    add(&batch, kNow - 100 * kDayMs + static_cast<std::int64_t>(i), "old");
  }
  ASSERT_TRUE(engine_->append(std::move(batch)).ok());
  now_ms_ += 20 * kDayMs;
  append(*engine_, kNow - 100 * kDayMs, "old, arrived late");
  append(*engine_, now_ms_, "new");
  ASSERT_TRUE(engine_->close().ok());
  {
    EngineOptions options = options_in(dir_);
    const auto database = Database::open(options, [](const Error&) {});
    ASSERT_TRUE(database.ok());
    DocumentSweep sweep(*database.value(), 30);
    EXPECT_FALSE(sweep.step().value()) << "nothing has begun";
    sweep.begin(kNow + 31 * kDayMs);
    EXPECT_TRUE(sweep.step().value());
    sweep.begin(kNow);  // A clock that was set back.
    EXPECT_FALSE(sweep.step().value());
    EXPECT_FALSE(sweep.step().value());
  }
  open_keeping(30);
  EXPECT_EQ(texts(*engine_), (Texts{"old, arrived late", "new"}));
  EXPECT_EQ(count_documents(*engine_), 2U);
}

TEST(Documents, OfManyThreadsAreAllThere) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        append(*engine, i, std::to_string(thread) + '/' + std::to_string(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Texts found = texts(*engine);
  std::sort(found.begin(), found.end());
  EXPECT_EQ(std::unique(found.begin(), found.end()) - found.begin(), 200);
  EXPECT_EQ(count_documents(*engine), 200U);
}

TEST(Documents, FillTheJournalBudget) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.journal_bytes_max = 1U << 20;
  const auto engine = open(options);
  const std::string text(kDocumentBytesMax, 'x');
  for (int i = 0; i < 100; ++i) append(*engine, kNow - 5 * kDayMs + i, text);
  EXPECT_GT(engine->stats().seals, 0U) << "logs that nothing bounds";
  EXPECT_EQ(count_documents(*engine), 100U);
}

// What the program of format version 1 left.
void make_version_1(const TempDir& dir) {
  {
    const auto engine = open(options_in(dir));
    ASSERT_TRUE(engine->append(batch_of(3)).ok());
  }
  const EngineOptions options = options_in(dir);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(database_options(options, nullptr), options.dir.string(),
                                family_descriptors(options), &handles, &db)
                  .ok());
  for (const Family family : {Family::kDocuments, Family::kSeen}) {
    ASSERT_TRUE(db->DropColumnFamily(handles[static_cast<std::size_t>(family)]).ok());
  }
  const std::string version("\1\0\0\0\0\0\0\0", 8);
  ASSERT_TRUE(
      db->Put({}, handles[static_cast<std::size_t>(Family::kMeta)], "format", version).ok());
  for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
  delete db;
}

TEST(Documents, OfAStoreThatIsOlderThanTheyAreNone) {
  const TempDir dir;
  make_version_1(dir);
  {
    const auto reader = open_to_read(dir);
    EXPECT_EQ(count(*reader), 3U);
    const auto documents = reader->documents().value();
    EXPECT_EQ(texts(*documents), Texts());
    EXPECT_EQ(documents->count({}).value(), 0U);
    EXPECT_FALSE(documents->last().value().has_value());
    EXPECT_EQ(code_of(documents->find(std::string(32, '0'))), ErrorCode::kNotFound);
  }
  {
    const auto engine = open(options_in(dir));
    EXPECT_EQ(count(*engine), 3U);
    append(*engine, kNow, "text");
    EXPECT_EQ(texts(*engine), Texts{"text"});
  }
  EXPECT_EQ(texts(*open_to_read(dir)), Texts{"text"});
  const auto database = Database::open(options_in(dir), [](const Error&) {});
  ASSERT_TRUE(database.ok());
  EXPECT_EQ(meta_number(*database.value(), "format", nullptr).value(), kFormatVersion);
}

}  // namespace
}  // namespace kpi::test
