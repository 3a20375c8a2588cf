// Of each RP and hour a store knows how many reports the largest sender's network sent, and nothing
// else of senders: after seals, restarts, crashes, verification and erasure.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kpi/erase.h"
#include "kpi/verify.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

constexpr std::int64_t kHour = kNow - kNow % kHourMs;  // The hour that goes on.
constexpr const char* kA = "https://a.example";
constexpr const char* kB = "https://b.example";

// `events` of an RP, from one sender.
Batch sent(std::string_view rp, std::uint64_t sender, int events, std::int64_t time_ms = kHour) {
  Batch batch;
  batch.set_sender(sender);
  for (int i = 0; i < events; ++i) {
    Event event = plain_event(time_ms + i);
    event.rp = rp;
    EXPECT_TRUE(batch.add(event).ok());
  }
  return batch;
}

void append(Engine& engine, Batch batch) { ASSERT_TRUE(engine.append(std::move(batch)).ok()); }

using ByRp = std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>;  // Known, largest.

ByRp senders(const Store& store, const AggregateRequest& asked = {}) {
  AggregateRequest request = asked;
  request.group_by = {{Dimension::kRp}};
  request.senders = true;
  const auto result = store.view().value()->aggregate(request);
  ByRp found;
  if (!result.ok()) {
    ADD_FAILURE() << result.error().message;
    return found;
  }
  for (std::size_t i = 0; i < result.value().size; ++i) {
    const SenderCounts& counts = result.value().senders[i];
    auto& sum = found[std::string(result.value().keys[0][i])];
    sum.first += counts.known;
    sum.second += counts.largest;
  }
  return found;
}

// What is not a minute old may be lost, the events are not. The first test that opens a store: it
// forks.
TEST(SenderCounts, OfACrashAreThoseLastWritten) {
  const TempDir dir;
  const pid_t child = fork();
  if (child == 0) {
    auto opened = Engine::open(options_in(dir));
    if (!opened.ok()) _exit(1);
    Engine& engine = *opened.value();
    if (!engine.append(sent(kA, 1, 9)).ok() || !engine.flush().ok()) _exit(2);
    if (!engine.append(sent(kA, 2, 4)).ok()) _exit(3);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto engine = open(options_in(dir));
  EXPECT_EQ(count(*engine), 13U);
  EXPECT_EQ(senders(*engine), (ByRp{{kA, {9, 9}}}));
  append(*engine, sent(kA, 1, 1));
  EXPECT_EQ(senders(*engine), (ByRp{{kA, {10, 9}}}));
}

TEST(SenderCounts, AreOfAnRpAndAnHour) {
  const TempDir dir;
  auto engine = open(options_in(dir));
  append(*engine, sent(kA, 1, 9));
  append(*engine, sent(kA, 2, 1));
  append(*engine, sent(kA, 0, 5));  // Unknown.
  append(*engine, sent(kA, 2, 4, kHour - kHourMs));
  append(*engine, sent(kA, 3, 2, kHour - kHourMs));
  append(*engine, sent(kB, 1, 3));
  append(*engine, sent("https://c.example", 0, 3));
  const ByRp expected = {{kA, {16, 13}}, {kB, {3, 3}}, {"https://c.example", {0, 0}}};
  EXPECT_EQ(senders(*engine), expected);
  ASSERT_TRUE(engine->flush().ok());
  EXPECT_EQ(senders(*engine), expected);
  EXPECT_EQ(senders(*open_to_read(dir)), expected);

  AggregateRequest last_hour;
  last_hour.range.begin_ms = kHour;
  EXPECT_EQ(senders(*engine, last_hour).at(kA), std::pair(std::uint64_t{10}, std::uint64_t{9}));
  AggregateRequest only_b;
  only_b.where = {.kind = Predicate::Kind::kDimensionIn, .values = {kB}};
  EXPECT_EQ(senders(*engine, only_b), (ByRp{{kB, {3, 3}}}));
  AggregateRequest by_hour;
  by_hour.bucket_width_ms = kHourMs;
  EXPECT_EQ(senders(*engine, by_hour), expected);

  AggregateRequest in_all;
  in_all.senders = true;
  const auto all = engine->view().value()->aggregate(in_all);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all.value().senders[0], (SenderCounts{19, 16}));
}

TEST(SenderCounts, AreOfSeveralSendersInOneBatch) {
  const TempDir dir;
  auto engine = open(options_in(dir));
  Batch batch;
  for (const std::uint64_t sender : {0U, 7U, 7U, 8U, 0U, 7U}) {
    batch.set_sender(5);  // Nobody sent anything meanwhile.
    batch.set_sender(sender);
    ASSERT_TRUE(batch.add(plain_event(kHour)).ok());
  }
  append(*engine, std::move(batch));
  EXPECT_EQ(senders(*engine), (ByRp{{"https://a", {4, 3}}}));
}

TEST(SenderCounts, CannotBeAskedByAnythingElse) {
  const TempDir dir;
  auto engine = open(options_in(dir));
  const auto view = engine->view().value();
  AggregateRequest request;
  request.senders = true;
  EXPECT_TRUE(view->aggregate(request).ok());
  request.group_by = {{Dimension::kClient}};
  EXPECT_EQ(code_of(view->aggregate(request)), ErrorCode::kInvalidArgument);
  request.group_by = {};
  request.bucket_width_ms = kMinuteMs;
  EXPECT_EQ(code_of(view->aggregate(request)), ErrorCode::kInvalidArgument);
  request.bucket_width_ms = kHourMs;
  request.where = {.kind = Predicate::Kind::kMeasureIsNull, .measure = "m"};
  EXPECT_EQ(code_of(view->aggregate(request)), ErrorCode::kInvalidArgument);
}

// Two lives know a sender under two numbers: reports add up, of the largest the larger counts.
TEST(SenderCounts, AddUpOverRestarts) {
  const TempDir dir;
  for (const int reports : {6, 4, 2}) {
    auto engine = open(options_in(dir));
    append(*engine, sent(kA, static_cast<std::uint64_t>(reports), reports));
    append(*engine, sent(kA, 99, 1));
  }
  auto engine = open(options_in(dir));
  EXPECT_EQ(senders(*engine), (ByRp{{kA, {15, 6}}}));
  ASSERT_TRUE(engine->close().ok());
  const Result<VerifyReport> verified = verify_store(dir.path() / "store", {});
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(verified.value().damages_found, 0U);
}

// Of an hour the largest of all parts counts, also where others are in memory or on other days.
TEST(SenderCounts, AddUpOverDaysOnDiskAndInMemory) {
  const TempDir dir;
  {
    auto engine = open(options_in(dir));
    for (const int day : {1, 3, 4}) append(*engine, sent(kA, 1, 5, kHour - day * kDayMs));
  }
  auto engine = open(options_in(dir));
  for (const int day : {0, 2, 3}) {
    append(*engine, sent(kA, 1, 3, kHour - day * kDayMs));
    append(*engine, sent(kA, 2, 4, kHour - day * kDayMs));
  }
  EXPECT_EQ(senders(*engine), (ByRp{{kA, {36, 23}}}));
  AggregateRequest by_hour;
  by_hour.bucket_width_ms = kHourMs;
  EXPECT_EQ(senders(*engine, by_hour), (ByRp{{kA, {36, 23}}}));
  AggregateRequest two_days;
  two_days.range = {kHour - 3 * kDayMs, kHour - kDayMs};
  EXPECT_EQ(senders(*engine, two_days), (ByRp{{kA, {19, 9}}}));
}

// The first week's day cells lie between the senders of its first two days.
TEST(SenderCounts, OfTheFirstDaysThereAreAreFound) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.retention_raw_days = options.retention_minute_days = options.retention_hour_days = 0;
  auto engine = open(options);
  append(*engine, sent(kA, 1, 3, kDayMs));
  append(*engine, sent(kA, 1, 2, 3 * kDayMs));
  append(*engine, sent(kA, 1, 5));
  ASSERT_TRUE(engine->flush().ok());
  EXPECT_EQ(senders(*engine), (ByRp{{kA, {10, 10}}}));
  EXPECT_EQ(senders(*open_to_read(dir)), (ByRp{{kA, {10, 10}}}));
}

TEST(SenderCounts, GoWithTheHourFigures) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  std::int64_t now = kNow;
  options.now_ms = [&] { return now; };
  options.retention_hour_days = 2;
  {
    auto engine = open(options);
    append(*engine, sent(kA, 1, 5));
    ASSERT_TRUE(engine->flush().ok());
    now += 4 * kDayMs;
    append(*engine, sent(kA, 1, 3, now));
    ASSERT_TRUE(engine->flush().ok());
    EXPECT_EQ(senders(*engine), (ByRp{{kA, {8, 8}}}));
    ASSERT_TRUE(engine->apply_retention().ok());
  }
  EXPECT_EQ(senders(*open(options)), (ByRp{{kA, {3, 3}}}));
}

TEST(SenderCounts, OfAnErasedRpGoAndOthersStay) {
  const TempDir dir;
  {
    auto engine = open(options_in(dir));
    append(*engine, sent(kA, 1, 5));
    append(*engine, sent(kB, 1, 3));
    append(*engine, sent(kB, 2, 1));
  }
  EraseRequest request;
  request.dir = dir.path() / "store";
  request.rp = kA;
  const Result<EraseReport> erased = erase(request);
  ASSERT_TRUE(erased.ok()) << erased.error().message;
  EXPECT_EQ(senders(*open(options_in(dir))), (ByRp{{kB, {4, 3}}}));
}

// Of so many reports, and one network more than half.
TEST(SenderCounts, TellWhichHoursAreLoud) {
  static_assert(kLoudHourReportsMin == 20);
  const TempDir dir;
  auto engine = open(options_in(dir));
  const auto loud = [&](int hours_ago, int of_one, int of_another) {
    append(*engine, sent(kA, 1, of_one, kHour - hours_ago * kHourMs));
    append(*engine, sent(kA, 2, of_another, kHour - hours_ago * kHourMs));
    append(*engine, sent(kB, 2, 100, kHour - hours_ago * kHourMs));
    std::vector<std::uint64_t> found;
    for (const bool named : {true, false}) {
      AggregateRequest request;
      request.range = {kHour - hours_ago * kHourMs, kHour - (hours_ago - 1) * kHourMs};
      request.group_by = {{Dimension::kRp}};
      request.senders = true;
      if (named) request.where = {.kind = Predicate::Kind::kDimensionIn, .values = {kA}};
      const auto result = engine->view().value()->aggregate(request);
      EXPECT_TRUE(result.ok());
      for (std::size_t i = 0; i < result.value().size; ++i) {
        if (result.value().keys[0][i] == kA) found.push_back(result.value().loud.at(i));
      }
    }
    return found;
  };
  EXPECT_EQ(loud(1, 19, 0), (std::vector<std::uint64_t>{0, 0}));
  EXPECT_EQ(loud(2, 20, 0), (std::vector<std::uint64_t>{20, 20}));
  EXPECT_EQ(loud(3, 10, 10), (std::vector<std::uint64_t>{0, 0}));
  EXPECT_EQ(loud(4, 11, 9), (std::vector<std::uint64_t>{11, 11}));
}

TEST(SenderCounts, HaveABound) {
  const TempDir dir;
  auto engine = open(options_in(dir));
  const std::uint64_t most = engine->stats().sender_entries_max;
  Batch batch;
  batch.set_sender(1);
  for (std::uint64_t i = 0; i < most + 10; ++i) {
    const std::string rp = "https://" + std::to_string(i) + ".example";
    Event event = plain_event(kHour);
    event.rp = rp;
    ASSERT_TRUE(batch.add(event).ok());
  }
  append(*engine, std::move(batch));
  EXPECT_EQ(engine->stats().sender_entries, most);
  EXPECT_EQ(engine->stats().senders_left_out, 10U);
  EXPECT_EQ(count(*engine), most + 10);
}

// Nobody makes the shares of others unknown by inventing RPs.
TEST(SenderCounts, OfBusyRpsStayKnownInAFloodOfMadeUpOnes) {
  const TempDir dir;
  auto engine = open(options_in(dir));
  const std::uint64_t most = engine->stats().sender_entries_max;
  append(*engine, sent(kA, 1, 40));
  append(*engine, sent(kA, 2, 10));
  Batch flood;
  flood.set_sender(3);
  for (std::uint64_t i = 0; i < 2 * most; ++i) {
    const std::string rp = "https://" + std::to_string(i % most) + ".example";
    Event event = plain_event(kHour + (i < most ? kHourMs : 0));
    event.rp = rp;
    ASSERT_TRUE(flood.add(event).ok());
  }
  append(*engine, std::move(flood));
  append(*engine, sent(kB, 1, 9));
  append(*engine, sent(kB, 2, 1));
  for (int rounds = 0; rounds < 2; ++rounds) {
    const ByRp found = senders(*engine);
    EXPECT_EQ(found.at(kA), std::pair(std::uint64_t{50}, std::uint64_t{40}));
    EXPECT_EQ(found.at(kB), std::pair(std::uint64_t{10}, std::uint64_t{9}));
    ASSERT_TRUE(engine->flush().ok());
  }
}

}  // namespace
}  // namespace kpi::test
