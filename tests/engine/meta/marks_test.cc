// Marks: written with their batch, read back, replaced, removed; refused alone.
#include <gtest/gtest.h>

#include "engine/meta/named_value.h"
#include "engine/rocks/database.h"
#include "tests/engine/store_events.h"
#include "tests/support/collecting_sink.h"

namespace kpi::test {
namespace {

TEST(Marks, AreReadBackReplacedAndRemoved) {
  const TempDir dir;
  {
    const auto engine = open(options_in(dir));
    EXPECT_EQ(code_of(engine->mark("import")), ErrorCode::kNotFound);
    ASSERT_TRUE(engine->append(batch_of(3), {"import", "line 3"}).ok());
    EXPECT_EQ(engine->mark("import").value(), "line 3");
    EXPECT_EQ(code_of(engine->mark("impor")), ErrorCode::kNotFound);
    ASSERT_TRUE(engine->append(batch_of(2), {"import", "line 5"}).ok());
    ASSERT_TRUE(engine->append(batch_of(1), {"other", std::string("\0x", 2)}).ok());
    ASSERT_TRUE(engine->append(batch_of(1), {"gone", "soon"}).ok());
    ASSERT_TRUE(engine->append(batch_of(1), {"gone", ""}).ok());
    ASSERT_TRUE(engine->append(batch_of(1), {"", "not a mark"}).ok());
  }
  const auto engine = open(options_in(dir));
  EXPECT_EQ(count(*engine), 9U);
  EXPECT_EQ(engine->mark("import").value(), "line 5");
  EXPECT_EQ(engine->mark("other").value(), std::string("\0x", 2));
  EXPECT_EQ(code_of(engine->mark("gone")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(engine->mark("")), ErrorCode::kNotFound);
  EXPECT_EQ(open_to_read(dir)->mark("import").value(), "line 5");
  ASSERT_TRUE(engine->close().ok());
  EXPECT_EQ(code_of(engine->mark("import")), ErrorCode::kUnavailable);
}

TEST(Marks, NeedNoEvents) {
  const TempDir dir;
  {
    const auto engine = open(options_in(dir));
    ASSERT_TRUE(engine->append(Batch(), {"import", "done"}).ok());
    EXPECT_EQ(engine->stats().journal_sequence, 0U);
    ASSERT_TRUE(engine->append(batch_of(1)).ok());
    ASSERT_TRUE(engine->append(Batch(), {"import", "done twice"}).ok());
  }
  const auto engine = open(options_in(dir));
  EXPECT_EQ(engine->mark("import").value(), "done twice");
  EXPECT_EQ(count(*engine), 1U);
}

TEST(Marks, BeyondTheirLimitsAreRefusedWithTheirBatchAlone) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  CollectingSink sink;
  const std::string name(kMarkNameBytesMax, 'n'), value(kMarkValueBytesMax, 'v');
  const Mark marks[] = {
      {"a", "1"}, {name, value}, {name + 'n', "x"}, {"b", value + 'v'}, {"a", "2"}};
  std::vector<PendingAppend> appends(std::size(marks));
  for (std::size_t i = 0; i < appends.size(); ++i) {
    appends[i].batch = batch_of(1);
    appends[i].mark = marks[i];
    appends[i].sink = &sink;
    appends[i].next = i + 1 < appends.size() ? &appends[i + 1] : nullptr;
  }
  engine->submit(&appends[0]);
  const auto done = sink.wait_for(appends.size());
  for (std::size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i], &appends[i]);
  for (const std::size_t i : {0U, 1U, 4U}) EXPECT_TRUE(appends[i].status.ok()) << i;
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_EQ(code_of(appends[i].status), ErrorCode::kLimitExceeded) << i;
  }
  EXPECT_EQ(count(*engine), 3U);
  EXPECT_EQ(engine->mark("a").value(), "2");
  EXPECT_EQ(engine->mark(name).value(), value);
  EXPECT_EQ(code_of(engine->mark("b")), ErrorCode::kNotFound);
}

TEST(Marks, ThatAreDamagedAreNamed) {
  const TempDir dir;
  ASSERT_TRUE(open(options_in(dir))->close().ok());
  std::string value = encode_named("mark/import", "line 3");
  value.back() = '4';
  {
    const auto database = Database::open(options_in(dir), [](const Error&) {});
    ASSERT_TRUE(database.ok());
    const Database& data = *database.value();
    ASSERT_TRUE(data.db().Put({}, data.family(Family::kMeta), "mark/import", value).ok());
  }
  const auto mark = open(options_in(dir))->mark("import");
  EXPECT_EQ(code_of(mark), ErrorCode::kCorruption);
  EXPECT_NE(mark.error().message.find("mark/import"), std::string::npos);
}

}  // namespace
}  // namespace kpi::test
