// Milestones: in order, exact under concurrency, within their limits, found again after reopening.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/base/bytes.h"
#include "engine/meta/named_value.h"
#include "engine/rocks/database.h"
#include "tests/engine/store_events.h"
#include "tests/support/file_size_limit.h"

namespace kpi::test {
namespace {

using List = std::vector<Milestone>;

List milestones(const Store& store) { return store.view().value()->milestones(); }

TEST(Milestones, AreListedByTimeThenNameAndFoundAgain) {
  const TempDir dir;
  const List expected = {{"v2", 100}, {"a", 200}, {"b", 200}};
  {
    const auto engine = open(options_in(dir));
    ASSERT_TRUE(engine->create_milestone({"b", 200}).ok());
    ASSERT_TRUE(engine->create_milestone({"v2", 100}).ok());
    ASSERT_TRUE(engine->create_milestone({"a", 200}).ok());
    EXPECT_EQ(milestones(*engine), expected);
  }
  const auto engine = open(options_in(dir));
  EXPECT_EQ(milestones(*engine), expected);
  EXPECT_EQ(milestones(*open_to_read(dir)), expected);
}

TEST(Milestones, OfAViewAreThoseOfItsMoment) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->create_milestone({"first", 1}).ok());
  const auto view = engine->view().value();
  ASSERT_TRUE(engine->create_milestone({"second", 2}).ok());
  ASSERT_TRUE(engine->drop_milestone("first").ok());
  EXPECT_EQ(view->milestones(), (List{{"first", 1}}));
  EXPECT_EQ(milestones(*engine), (List{{"second", 2}}));
}

TEST(Milestones, OfOneNameAreOne) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->create_milestone({"v1", 1}).ok());
  EXPECT_EQ(code_of(engine->create_milestone({"v1", 2})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(milestones(*engine), (List{{"v1", 1}}));
  EXPECT_EQ(code_of(engine->drop_milestone("v2")), ErrorCode::kNotFound);
  ASSERT_TRUE(engine->drop_milestone("v1").ok());
  EXPECT_EQ(code_of(engine->drop_milestone("v1")), ErrorCode::kNotFound);
  ASSERT_TRUE(engine->create_milestone({"v1", 2}).ok());
  EXPECT_EQ(milestones(*engine), (List{{"v1", 2}}));
}

TEST(Milestones, OfManyThreadsAreWonByOneEach) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  constexpr int kNames = 50;
  std::atomic<int> won{0}, lost{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int name = 0; name < kNames; ++name) {
        const Status created = engine->create_milestone({std::to_string(name), thread});
        created.ok() ? ++won : ++lost;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, kNames);
  EXPECT_EQ(lost, 3 * kNames);
  const List before = milestones(*engine);
  ASSERT_TRUE(engine->close().ok());
  EXPECT_EQ(milestones(*open(options_in(dir))), before);
}

TEST(Milestones, HaveNamesAndTimesWithinTheirLimits) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  const std::string longest(kMilestoneNameBytesMax, 'n');
  EXPECT_TRUE(engine->create_milestone({longest, 0}).ok());
  EXPECT_TRUE(engine->create_milestone({"n", kTimeMsMax}).ok());
  for (const Milestone& bad : List{{longest + 'n', 0}, {"", 0}, {"x", -1}, {"x", kTimeMsMax + 1}}) {
    EXPECT_EQ(code_of(engine->create_milestone(bad)), ErrorCode::kInvalidArgument) << bad.name;
  }
  EXPECT_EQ(milestones(*engine).size(), 2U);
}

std::string payload_of(std::int64_t at_ms) {
  std::string bytes;
  append_little_endian(bytes, at_ms);
  return bytes;
}

void write_meta(
    const TempDir& dir,
    const std::function<void(rocksdb::WriteBatch*, rocksdb::ColumnFamilyHandle*)>& fill) {
  const auto database = Database::open(options_in(dir), [](const Error&) {});
  ASSERT_TRUE(database.ok());
  rocksdb::WriteBatch batch;
  fill(&batch, database.value()->family(Family::kMeta));
  ASSERT_TRUE(database.value()->db().Write({}, &batch).ok());
}

TEST(Milestones, AreLimitedInNumber) {
  const TempDir dir;
  ASSERT_TRUE(open(options_in(dir))->close().ok());
  write_meta(dir, [](rocksdb::WriteBatch* batch, rocksdb::ColumnFamilyHandle* meta) {
    for (std::size_t i = 1; i < kMilestonesMax; ++i) {
      const std::string key = named_key(kMilestonePrefix, std::to_string(i));
      ASSERT_TRUE(batch->Put(meta, key, encode_named(key, payload_of(5))).ok());
    }
  });
  const auto engine = open(options_in(dir));
  EXPECT_EQ(milestones(*engine).size(), kMilestonesMax - 1);
  EXPECT_TRUE(engine->create_milestone({"last", 1}).ok());
  EXPECT_EQ(code_of(engine->create_milestone({"beyond", 1})), ErrorCode::kLimitExceeded);
  EXPECT_TRUE(engine->drop_milestone("7").ok());
  EXPECT_TRUE(engine->create_milestone({"again", 1}).ok());
}

TEST(Milestones, ThatAreDamagedAreNamedAtOpen) {
  const std::string key = named_key(kMilestonePrefix, "v42");
  const std::string whole = encode_named(key, payload_of(1000));
  std::vector<std::string> bad = {"",
                                  whole.substr(0, 15),
                                  whole + '\0',
                                  encode_named("milestone/v43", payload_of(1000)),
                                  encode_named(key, payload_of(-1)),
                                  encode_named(key, payload_of(kTimeMsMax + 1))};
  for (std::size_t at = 0; at < whole.size(); ++at) {
    bad.push_back(whole);
    bad.back()[at] = static_cast<char>(bad.back()[at] ^ 1);
  }
  const TempDir dir;
  for (const std::string& value : bad) {
    write_meta(dir, [&](rocksdb::WriteBatch* batch, rocksdb::ColumnFamilyHandle* meta) {
      ASSERT_TRUE(batch->Put(meta, "format", std::string("\1\0\0\0\0\0\0\0", 8)).ok());
      ASSERT_TRUE(batch->Put(meta, key, value).ok());
    });
    const auto engine = Engine::open(options_in(dir));
    ASSERT_EQ(code_of(engine), ErrorCode::kCorruption);
    EXPECT_NE(engine.error().message.find("milestone/v42"), std::string::npos);
  }
}

TEST(Milestones, BytesAreFrozen) {
  const std::string value = encode_named("milestone/v42", payload_of(0x0102030405));
  std::string hex;
  for (const char byte : value) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(byte));
    hex += text;
  }
  EXPECT_EQ(hex,
            "1de067e9cd9f00df"    // guard
            "0504030201000000");  // ms
}

TEST(Milestones, AreRefusedByAReaderAndAfterClose) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ASSERT_TRUE(engine->create_milestone({"v1", 1}).ok());
  const auto reader = open_to_read(dir);
  EXPECT_EQ(code_of(reader->create_milestone({"v2", 1})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(reader->drop_milestone("v1")), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(engine->close().ok());
  EXPECT_EQ(code_of(engine->create_milestone({"v2", 1})), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(engine->drop_milestone("v1")), ErrorCode::kUnavailable);
}

TEST(Milestones, AreRefusedAfterAFailedWrite) {
  const TempDir dir;
  std::vector<std::string> created;
  {
    const auto engine = open(options_in(dir));
    ASSERT_TRUE(engine->create_milestone({"before", 1}).ok());
    {
      const FileSizeLimit limit(8U << 10);
      for (int i = 0; i < 1000; ++i) {
        const Status status = engine->create_milestone({"m" + std::to_string(i), 1});
        if (status.ok()) continue;
        EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
        break;
      }
    }
    EXPECT_TRUE(engine->stats().failed);
    EXPECT_EQ(code_of(engine->create_milestone({"after", 1})), ErrorCode::kUnavailable);
    EXPECT_EQ(code_of(engine->drop_milestone("before")), ErrorCode::kUnavailable);
    EXPECT_EQ(code_of(engine->append(batch_of(1))), ErrorCode::kUnavailable);
    for (const Milestone& milestone : milestones(*engine)) created.push_back(milestone.name);
  }
  const List after = milestones(*open(options_in(dir)));
  for (const std::string& name : created) {
    EXPECT_TRUE(std::any_of(after.begin(), after.end(), [&](const Milestone& milestone) {
      return milestone.name == name;
    })) << name;
  }
}

}  // namespace
}  // namespace kpi::test
