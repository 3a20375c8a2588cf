// Following: every event once, in the order of commit, filtered as a scan filters; bounded; ended.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "tests/engine/read/random_data.h"
#include "tests/engine/store_events.h"

namespace kpi::test {
namespace {

Event numbered(std::uint32_t thread, std::uint32_t number, const NamedValue (&measures)[2]) {
  Event event = plain_event(kNow + number);
  event.client = thread % 2 == 0 ? "even" : "odd";
  event.measures = measures;
  return event;
}

void append_numbered(Engine& engine, std::uint32_t thread, std::uint32_t first,
                     std::uint32_t events) {
  Batch batch;
  for (std::uint32_t i = first; i < first + events; ++i) {
    const NamedValue measures[2] = {{"thread", thread}, {"number", i}};
    ASSERT_TRUE(batch.add(numbered(thread, i, measures)).ok());
  }
  const Status appended = engine.append(std::move(batch));
  ASSERT_TRUE(appended.ok()) << appended.error().message;
}

std::vector<std::uint32_t> take_numbers(Follower& follower) {
  std::vector<std::uint32_t> numbers;
  const auto taken = follower.take([&](const Event& event, const Document*) {
    numbers.push_back(event.measures[1].value);
    return true;
  });
  EXPECT_TRUE(taken.ok()) << taken.error().message;
  if (taken.ok()) {
    EXPECT_EQ(taken.value(), numbers.size());
  }
  return numbers;
}

using Numbers = std::vector<std::uint32_t>;

// What a follower's own thread waits for.
class Bell {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    ++rings_;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return rings_ > heard_; });
    heard_ = rings_;
  }
  int rings() const {
    const std::lock_guard lock(mutex_);
    return rings_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int rings_ = 0, heard_ = 0;
};

TEST(Follow, SeesNothingOfBeforeAndAllAfter) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  append_numbered(*engine, 0, 0, 3);
  const auto follower = engine->follow({}).value();
  EXPECT_EQ(take_numbers(*follower), Numbers());
  append_numbered(*engine, 0, 3, 2);
  append_numbered(*engine, 0, 5, 1);
  const auto later = engine->follow({}).value();
  EXPECT_EQ(take_numbers(*follower), (Numbers{3, 4, 5}));
  EXPECT_EQ(take_numbers(*follower), Numbers());
  append_numbered(*engine, 0, 6, 1);
  EXPECT_EQ(take_numbers(*follower), Numbers{6});
  EXPECT_EQ(take_numbers(*later), Numbers{6});
}

TEST(Follow, GoesOnWhereTheSinkStopped) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  const auto follower = engine->follow({}).value();
  append_numbered(*engine, 0, 0, 10'000);  // More than one piece.
  append_numbered(*engine, 0, 10'000, 3);
  Numbers seen;
  for (const std::size_t stop : {1U, 5000U, 9999U, 10'000U, 10'001U, 10'003U}) {
    const std::size_t before = seen.size();
    const auto taken = follower->take([&](const Event& event, const Document*) {
      seen.push_back(event.measures[1].value);
      return seen.size() < stop;
    });
    ASSERT_TRUE(taken.ok());
    EXPECT_EQ(taken.value(), seen.size() - before);
    EXPECT_EQ(seen.size(), stop);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], i);
  EXPECT_EQ(take_numbers(*follower), Numbers());
}

TEST(Follow, HandsDocumentsAlong) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  const auto follower = engine->follow({}).value();
  std::vector<PendingAppend> appends(3);
  for (int i = 0; i < 9; ++i) {
    Batch& batch = appends[static_cast<std::size_t>(i / 3)].batch;
    ASSERT_TRUE(batch.add(plain_event(kNow + i % 4)).ok());
    if (i % 2 == 1) {
      ASSERT_TRUE(batch.attach_document("document " + std::to_string(i)).ok());
    }
  }
  for (auto& append : appends) ASSERT_TRUE(engine->append(std::move(append.batch)).ok());
  int i = 0;
  const auto documents = engine->documents().value();
  const auto taken = follower->take([&](const Event& event, const Document* document) {
    EXPECT_EQ(document != nullptr, i % 2 == 1);
    if (document != nullptr) {
      EXPECT_EQ(document->text, "document " + std::to_string(i));
      EXPECT_EQ(document->time_ms, event.time_ms);
      EXPECT_EQ(documents->find(document->id).value().text, document->text);
    }
    ++i;
    return true;
  });
  EXPECT_TRUE(taken.ok());
  EXPECT_EQ(i, 9);
}

TEST(Follow, EachEventOnceAndInOrderUnderConcurrentAppends) {
  const TempDir dir;
  EngineOptions options = options_in(dir);
  options.journal_bytes_max = 16U << 10;  // Seals meanwhile.
  const auto engine = open(options);
  constexpr std::uint32_t kThreads = 4, kBatches = 200;
  std::vector<std::thread> threads;
  std::atomic<int> joined{0};
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> seen(3);
  for (std::size_t reader = 0; reader < seen.size(); ++reader) {
    threads.emplace_back([&, reader] {
      Bell bell;
      FollowRequest request;
      if (reader == 2) {
        request.where.kind = Predicate::Kind::kDimensionIn;
        request.where.dimension = {Dimension::kClient};
        request.where.values = {"even"};
      }
      request.on_events = [&] { bell.ring(); };
      const auto follower = engine->follow(std::move(request)).value();
      ++joined;
      joined.notify_all();
      const std::size_t expected = kThreads * kBatches * 3 / (reader == 2 ? 2 : 1);
      while (seen[reader].size() < expected) {
        bell.wait();
        const auto taken = follower->take([&](const Event& event, const Document*) {
          seen[reader].emplace_back(event.measures[0].value, event.measures[1].value);
          return true;
        });
        ASSERT_TRUE(taken.ok()) << taken.error().message;
      }
      EXPECT_EQ(follower->take([](const Event&, const Document*) { return true; }).value(), 0U);
    });
  }
  for (int now = joined; now < 3; now = joined) joined.wait(now);
  for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint32_t i = 0; i < kBatches; ++i) append_numbered(*engine, thread, 3 * i, 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen[0], seen[1]) << "one order of commit";
  for (const auto& events : seen) {
    std::map<std::uint32_t, std::uint32_t> next;
    for (const auto& [thread, number] : events) ASSERT_EQ(number, next[thread]++);
  }
  EXPECT_EQ(engine->stats().followers, 0U);
}

TEST(Follow, WhoFallsBehindIsCutOffAfterWhatWaited) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  Bell bell;
  FollowRequest request;
  request.bytes_max = 64U << 10;
  request.on_events = [&] { bell.ring(); };
  const auto slow = engine->follow(std::move(request)).value();
  const auto fast = engine->follow({}).value();
  EXPECT_EQ(engine->stats().followers, 2U);
  std::uint32_t sent = 0;
  for (; engine->stats().followers_cut == 0; sent += 100) {
    ASSERT_LT(sent, 100'000U);
    append_numbered(*engine, 0, sent, 100);
    EXPECT_EQ(take_numbers(*fast).size(), 100U);
  }
  append_numbered(*engine, 0, sent, 1);
  EXPECT_EQ(engine->stats().followers, 1U);
  EXPECT_EQ(engine->stats().followers_cut, 1U);
  EXPECT_EQ(bell.rings(), 1) << "told more than once";
  std::uint32_t seen = 0;
  const auto stopped = slow->take([&](const Event&, const Document*) { return ++seen < 50; });
  EXPECT_EQ(stopped.value(), 50U);
  const auto taken = slow->take([&](const Event& event, const Document*) {
    EXPECT_EQ(event.measures[1].value, seen);
    ++seen;
    return true;
  });
  ASSERT_EQ(code_of(taken), ErrorCode::kUnavailable);
  EXPECT_NE(taken.error().message.find("cut off"), std::string::npos);
  EXPECT_EQ(seen, sent - 100) << "all but the group that was too much";
  EXPECT_EQ(code_of(slow->take([](const Event&, const Document*) { return true; })),
            ErrorCode::kUnavailable);
  EXPECT_EQ(take_numbers(*fast), Numbers{sent});
}

TEST(Follow, HasLimits) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  FollowRequest request;
  request.bytes_max = kFollowBytesMax + 1;
  EXPECT_EQ(code_of(engine->follow(request)), ErrorCode::kLimitExceeded);
  std::vector<std::unique_ptr<Follower>> followers;
  for (std::size_t i = 0; i < kFollowersMax; ++i) followers.push_back(engine->follow({}).value());
  EXPECT_EQ(code_of(engine->follow({})), ErrorCode::kLimitExceeded);
  EXPECT_EQ(engine->stats().followers, kFollowersMax);
  followers.pop_back();
  EXPECT_TRUE(engine->follow({}).ok());
  Predicate bad;
  bad.kind = Predicate::Kind::kNot;
  request = {};
  request.where = bad;
  EXPECT_EQ(code_of(engine->follow(request)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(open_to_read(dir)->follow({})), ErrorCode::kInvalidArgument);
}

TEST(Follow, EndsWithTheStoreAfterWhatWaited) {
  const TempDir dir;
  auto engine = open(options_in(dir));
  Bell bell;
  FollowRequest request;
  request.on_events = [&] { bell.ring(); };
  const auto follower = engine->follow(std::move(request)).value();
  const auto idle = engine->follow({}).value();
  append_numbered(*engine, 0, 0, 2);
  EXPECT_EQ(take_numbers(*follower), (Numbers{0, 1}));
  append_numbered(*engine, 0, 2, 1);
  ASSERT_TRUE(engine->close().ok());
  EXPECT_EQ(code_of(engine->follow({})), ErrorCode::kUnavailable);
  engine.reset();
  EXPECT_EQ(bell.rings(), 2);
  Numbers seen;
  const auto taken = follower->take([&](const Event& event, const Document*) {
    seen.push_back(event.measures[1].value);
    return true;
  });
  EXPECT_EQ(code_of(taken), ErrorCode::kUnavailable);
  EXPECT_EQ(seen, Numbers{2});
  EXPECT_EQ(code_of(idle->take([](const Event&, const Document*) { return true; })),
            ErrorCode::kUnavailable);
}

TEST(Follow, IsToldWhenTheStoreClosesThoughNothingWaits) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  Bell bell;
  FollowRequest request;
  request.on_events = [&] { bell.ring(); };
  const auto follower = engine->follow(std::move(request)).value();
  ASSERT_TRUE(engine->close().ok());
  bell.wait();
}

TEST(Follow, IsNotToldAnyMoreOnceItIsGone) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  std::atomic<bool> writing{true};
  std::thread writer([&] {
    for (std::uint32_t i = 0; writing; ++i) append_numbered(*engine, 0, i, 1);
  });
  for (int round = 0; round < 300; ++round) {
    auto alive =
        std::make_unique<std::atomic<int>>(0);  // A sanitizer sees it used when it is gone.
    FollowRequest request;
    request.on_events = [flag = alive.get()] { flag->fetch_add(1); };
    auto follower = engine->follow(std::move(request)).value();
    while (round % 3 == 0 && *alive == 0) std::this_thread::yield();
    follower.reset();
    const int told = *alive;
    alive.reset();
    EXPECT_LE(told, 1);
  }
  writing = false;
  writer.join();
}

TEST(Follow, MayEndFromWithinItsOwnCall) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  std::unique_ptr<Follower> follower;
  FollowRequest request;
  request.on_events = [&] { follower.reset(); };
  follower = engine->follow(std::move(request)).value();
  append_numbered(*engine, 0, 0, 1);
  EXPECT_EQ(follower, nullptr);
  EXPECT_EQ(engine->stats().followers, 0U);
}

// Neither measure nor label is known yet, nor has the first event any.
TEST(Follow, FiltersFromTheFirstEventOfAStoreOn) {
  const TempDir dir;
  const auto engine = open(options_in(dir));
  FollowRequest request;
  request.where.kind = Predicate::Kind::kDimensionIn;
  request.where.dimension = {Dimension::kClient, {}};
  request.where.values = {"wanted"};
  const auto follower = engine->follow(std::move(request)).value();
  Batch batch;
  for (int i = 0; i < 4; ++i) {
    Event event = plain_event(kNow + i);
    event.client = i % 2 == 0 ? "wanted" : "other";
    ASSERT_TRUE(batch.add(event).ok());
  }
  ASSERT_TRUE(engine->append(std::move(batch)).ok());
  std::vector<std::int64_t> times;
  const auto taken = follower->take([&](const Event& event, const Document*) {
    EXPECT_EQ(event.client, "wanted");
    times.push_back(event.time_ms - kNow);
    return true;
  });
  EXPECT_TRUE(taken.ok());
  EXPECT_EQ(times, (std::vector<std::int64_t>{0, 2}));
}

// Whatever was acknowledged before the end is handed over, then the end is told; no call of a
// follower hangs or comes after the follower is gone.
TEST(Follow, MayJoinTakeAndLeaveWhileTheStoreCloses) {
  for (int round = 0; round < 4; ++round) {
    const TempDir dir;
    auto engine = open(options_in(dir));
    std::atomic<std::uint32_t> written{0};
    std::thread writer([&] {
      for (std::uint32_t i = 0;; ++i) {
        Batch batch;
        const NamedValue measures[2] = {{"thread", 0}, {"number", i}};
        EXPECT_TRUE(batch.add(numbered(0, i, measures)).ok());
        if (!engine->append(std::move(batch)).ok()) return;
        written = i + 1;
      }
    });
    std::thread comer([&] {
      while (engine->follow({}).ok()) {
      }
    });
    Bell bell;
    FollowRequest request;
    request.on_events = [&] { bell.ring(); };
    const auto follower = engine->follow(std::move(request)).value();
    Numbers seen;
    std::thread taker([&] {
      for (bool open = true; open;) {
        bell.wait();
        open = follower
                   ->take([&](const Event& event, const Document*) {
                     seen.push_back(event.measures[1].value);
                     return true;
                   })
                   .ok();
      }
    });
    while (written < 20) std::this_thread::yield();
    EXPECT_TRUE(engine->close().ok());
    writer.join();
    comer.join();
    taker.join();
    ASSERT_FALSE(seen.empty());
    for (std::size_t i = 1; i < seen.size(); ++i) ASSERT_EQ(seen[i], seen[i - 1] + 1);
    EXPECT_GE(seen.back() + 1, written);
  }
}

std::string line_of(const Event& event) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : event.measures) {
    parts.push_back(std::string(name) + "=" + std::to_string(value));
  }
  for (const auto& [name, value] : event.labels) {
    parts.push_back(std::string(name) + ":" + std::string(value));
  }
  std::sort(parts.begin(), parts.end());
  std::string line = std::to_string(event.time_ms) + ' ' + std::string(event.rp) + ' ' +
                     std::string(event.client) + ' ' + std::to_string(event.kind.packed()) + ' ' +
                     std::to_string(event.weight);
  for (const std::string& part : parts) line += ' ' + part;
  return line;
}

std::vector<std::string> take_lines(Follower& follower) {
  std::vector<std::string> lines;
  const auto taken = follower.take([&](const Event& event, const Document*) {
    lines.push_back(line_of(event));
    return true;
  });
  EXPECT_TRUE(taken.ok()) << taken.error().message;
  return lines;
}

class FollowModel : public testing::TestWithParam<std::uint64_t> {};

// Predicates of names that no event has had yet included: the followers come first.
TEST_P(FollowModel, GivesWhatAScanWithTheSameConditionGives) {
  RandomData random(GetParam());
  const TempDir dir;
  const auto engine = open(options_in(dir));
  ModelStore model({});
  std::vector<Predicate> conditions(1);
  for (int i = 0; i < 20; ++i) conditions.push_back(random.predicate(3));
  std::vector<std::unique_ptr<Follower>> followers, model_followers;
  for (const Predicate& where : conditions) {
    FollowRequest request;
    request.where = where;
    followers.push_back(engine->follow(request).value());
    model_followers.push_back(model.follow(request).value());
  }
  std::vector<std::vector<std::string>> seen(conditions.size());
  for (int round = 0; round < 10; ++round) {
    Batch batch;
    for (std::uint64_t i = 1 + random.below(200); i > 0; --i) {
      const ModelEvent event = random.event();
      model.accept(event);
      visit(event, [&](const Event& named) { return batch.add(named).ok(); });
    }
    ASSERT_TRUE(engine->append(std::move(batch)).ok());
    if (random.chance(50)) continue;
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      const auto lines = take_lines(*followers[i]);
      ASSERT_EQ(lines, take_lines(*model_followers[i])) << "condition " << i;
      seen[i].insert(seen[i].end(), lines.begin(), lines.end());
    }
  }
  const auto view = engine->view().value();
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    for (std::string& line : take_lines(*followers[i])) seen[i].push_back(std::move(line));
    ScanRequest request;
    request.where = conditions[i];
    std::vector<std::string> scanned;
    ASSERT_TRUE(view->scan(request,
                           [&](const Event& event) {
                             scanned.push_back(line_of(event));
                             return true;
                           })
                    .ok());
    std::sort(scanned.begin(), scanned.end());
    std::sort(seen[i].begin(), seen[i].end());
    ASSERT_EQ(seen[i], scanned) << "condition " << i;
  }
  EXPECT_FALSE(seen[0].empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, FollowModel, testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace kpi::test
