// Promise P3: a request with a key is stored once within the window: known again in its group,
// after it and after a restart; never beyond the window or for another request.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "engine/rocks/database.h"
#include "engine/seen/seen_record.h"
#include "tests/engine/store_events.h"
#include "tests/support/collecting_sink.h"

namespace kpi::test {
namespace {

class SeenKeys : public testing::Test {
 protected:
  SeenKeys() {
    options_ = options_in(dir_);
    options_.now_ms = [this] { return now_.load(); };
    open_again();
  }
  void open_again() {
    engine_.reset();
    engine_ = open(options_);
  }

  struct Sent {
    RequestSeen seen;
    bool ok;
    std::string answer;
    bool operator==(const Sent&) const = default;
  };
  // All of them at once: one group.
  std::vector<Sent> send(const std::vector<RequestKey>& requests) {
    CollectingSink sink;
    std::vector<PendingAppend> appends(requests.size());
    for (std::size_t i = 0; i < appends.size(); ++i) {
      appends[i].batch = batch_of(1);
      appends[i].request = requests[i];
      appends[i].sink = &sink;
      appends[i].next = i + 1 < appends.size() ? &appends[i + 1] : nullptr;
    }
    engine_->submit(&appends[0]);
    (void)sink.wait_for(appends.size());
    std::vector<Sent> sent;
    for (const PendingAppend& append : appends) {
      sent.push_back({append.seen, append.status.ok(), append.request.answer});
    }
    return sent;
  }
  Sent send(const RequestKey& request) { return send(std::vector{request})[0]; }

  static Sent first(const std::string& answer) { return {RequestSeen::kFirst, true, answer}; }
  static Sent duplicate(const std::string& answer) {
    return {RequestSeen::kDuplicate, true, answer};
  }

  const TempDir dir_;
  std::atomic<std::int64_t> now_ = kNow;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(SeenKeys, AreKnownAgainAlsoAfterARestart) {
  EXPECT_EQ(send({"a", 1, "first"}), first("first"));
  EXPECT_EQ(send({"a", 1, "second"}), duplicate("first"));
  EXPECT_EQ(send({"b", 1, "other"}), first("other"));
  EXPECT_EQ(send({"", 1, "none"}), first("none"));
  EXPECT_EQ(send({"", 1, "none"}), first("none"));
  EXPECT_EQ(count(*engine_), 4U);
  open_again();
  EXPECT_EQ(engine_->stats().dedup_entries, 2U);
  EXPECT_EQ(send({"a", 1, "third"}), duplicate("first"));
  EXPECT_EQ(count(*engine_), 4U);
  ASSERT_TRUE(engine_->flush().ok());
  EXPECT_EQ(send({"b", 1, "third"}), duplicate("other"));
  EXPECT_EQ(count(*engine_), 4U);
  EXPECT_EQ(count(*open_to_read(dir_)), 4U);
  EXPECT_EQ(engine_->stats().dedup_duplicates, 2U);
}

TEST_F(SeenKeys, OfOneGroupTheFirstWins) {
  const auto sent = send(std::vector<RequestKey>{
      {"a", 1, "1"}, {"b", 1, "2"}, {"a", 1, "3"}, {"a", 2, "4"}, {"b", 1, "5"}, {"", 0, "6"}});
  EXPECT_EQ(sent[0], first("1"));
  EXPECT_EQ(sent[1], first("2"));
  EXPECT_EQ(sent[2], duplicate("1"));
  EXPECT_EQ(sent[3].seen, RequestSeen::kOtherContent);
  EXPECT_FALSE(sent[3].ok);
  EXPECT_EQ(sent[4], duplicate("2"));
  EXPECT_EQ(sent[5], first("6"));
  EXPECT_EQ(count(*engine_), 3U);
}

TEST_F(SeenKeys, WithOtherContentAreRefused) {
  EXPECT_EQ(send({"a", 1, "first"}), first("first"));
  const Sent other = send({"a", 2, "second"});
  EXPECT_EQ(other.seen, RequestSeen::kOtherContent);
  EXPECT_FALSE(other.ok);
  EXPECT_EQ(send({"a", 1, "third"}), duplicate("first"));
  EXPECT_EQ(count(*engine_), 1U);
}

TEST_F(SeenKeys, EndWithTheirWindow) {
  options_.dedup_window_ms = 1000;
  open_again();
  EXPECT_EQ(send({"a", 1, "first"}), first("first"));
  now_ += 999;
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  open_again();
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  now_ += 1;
  EXPECT_EQ(send({"a", 1, "second"}), first("second"));
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("second"));
  now_ += 1000;
  open_again();
  EXPECT_EQ(engine_->stats().dedup_entries, 0U);
  EXPECT_EQ(send({"a", 1, "third"}), first("third"));
  EXPECT_EQ(count(*engine_), 3U);
}

// Promise P5: whoever sets the clock makes no key older or younger.
TEST_F(SeenKeys, OutliveAClockThatIsSetBack) {
  EXPECT_EQ(send({"a", 1, "first"}), first("first"));
  now_ -= 5 * options_.dedup_window_ms;
  EXPECT_EQ(send({"b", 1, "b"}), first("b"));
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  open_again();
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  EXPECT_EQ(send({"b", 1, "x"}), duplicate("b"));
  now_ -= 1;
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  EXPECT_EQ(engine_->stats().dedup_forgotten, 0U);
  now_ += 1 + options_.dedup_window_ms;
  EXPECT_EQ(send({"a", 1, "again"}), first("again")) << "time goes on from where it was set to";
}

TEST_F(SeenKeys, OutliveAClockThatIsSetForwardAndEndWithTheirWindowAllTheSame) {
  std::atomic<std::int64_t> steady = 0;
  options_.steady_ms = [&] { return steady.load(); };
  open_again();
  EXPECT_EQ(send({"a", 1, "first"}), first("first"));
  now_ += 3 * kDayMs;
  steady += options_.dedup_window_ms - 1;
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  now_ -= 5 * kDayMs;
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("first"));
  steady += 1;
  EXPECT_EQ(send({"a", 1, "again"}), first("again"));
  engine_.reset();
}

TEST_F(SeenKeys, AreBoundedInNumber) {
  options_.dedup_entries_max = 3;
  open_again();
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(send({key, 1, key}), first(key));
  EXPECT_EQ(send({"a", 1, "x"}), duplicate("a"));
  EXPECT_EQ(engine_->stats().dedup_forgotten, 0U);
  now_ += 1;
  EXPECT_EQ(send({"d", 1, "d"}), first("d"));
  EXPECT_EQ(engine_->stats().dedup_forgotten, 1U);
  EXPECT_EQ(engine_->stats().dedup_entries, 3U);
  EXPECT_EQ(send({"b", 1, "x"}), duplicate("b"));
  open_again();
  EXPECT_EQ(engine_->stats().dedup_entries, 3U);
  EXPECT_EQ(send({"d", 1, "x"}), duplicate("d"));
}

TEST_F(SeenKeys, AndAnswersBeyondTheirLimitsAreRefused) {
  const std::string key(kRequestKeyBytesMax, 'k'), answer(kRequestAnswerBytesMax, 'a');
  EXPECT_EQ(send({key, 1, answer}), first(answer));
  EXPECT_EQ(send({key, 1, ""}), duplicate(answer));
  EXPECT_FALSE(send({key + 'k', 1, "x"}).ok);
  EXPECT_FALSE(send({"long", 1, answer + 'a'}).ok);
  EXPECT_EQ(send({"long", 1, "short"}), first("short"));
  EXPECT_EQ(count(*engine_), 2U);
}

TEST_F(SeenKeys, MayBeAnyBytes) {
  std::vector<RequestKey> keys;
  for (int byte = 0; byte < 256; ++byte) {
    keys.push_back({std::string(1, static_cast<char>(byte)), 1, std::string(1, '\0')});
    keys.push_back({std::string(2, static_cast<char>(byte)), 1, "x"});
  }
  for (const Sent& sent : send(keys)) EXPECT_EQ(sent.seen, RequestSeen::kFirst);
  open_again();
  for (const Sent& sent : send(keys)) EXPECT_EQ(sent.seen, RequestSeen::kDuplicate);
  EXPECT_EQ(count(*engine_), 512U);
}

TEST_F(SeenKeys, AreAskedForWithoutStoringAnything) {
  const auto ask = [&](const char* key, std::uint64_t content) {
    return send({key, content, "asked", true});
  };
  EXPECT_FALSE(engine_->knows_request("a"));
  EXPECT_EQ(ask("a", 1).seen, RequestSeen::kUnknown);
  EXPECT_FALSE(ask("a", 1).ok);
  EXPECT_FALSE(engine_->knows_request("a"));
  EXPECT_EQ(send({"a", 1, "first"}), first("first"));
  EXPECT_TRUE(engine_->knows_request("a"));
  EXPECT_EQ(ask("a", 1), duplicate("first"));
  EXPECT_EQ(ask("a", 2).seen, RequestSeen::kOtherContent);
  const auto sent = send(std::vector<RequestKey>{{"b", 1, "b"}, {"b", 1, "x", true}});
  EXPECT_EQ(sent[1], duplicate("b")) << "behind it in its group";
  open_again();
  EXPECT_TRUE(engine_->knows_request("a"));
  EXPECT_EQ(ask("a", 1), duplicate("first"));
  now_ += options_.dedup_window_ms;
  EXPECT_FALSE(engine_->knows_request("a")) << "too old, before any group comes";
  EXPECT_EQ(ask("a", 1).seen, RequestSeen::kUnknown);
  EXPECT_EQ(count(*engine_), 2U);
}

TEST_F(SeenKeys, UsedTicketsComeBackUntilTheyExpire) {
  const std::int64_t now_s = now_ / 1000;
  const auto use = [&](const std::vector<Ticket>& tickets, const char* key) {
    CollectingSink sink;
    PendingAppend append;
    append.batch = batch_of(1);
    append.request = {key, 1, "answer"};
    append.tickets = tickets;
    append.sink = &sink;
    engine_->submit(&append);
    (void)sink.wait_for(1);
    return append.seen;
  };
  using Tickets = std::vector<Ticket>;
  EXPECT_EQ(engine_->tickets(10).value(), Tickets());
  EXPECT_EQ(use({{7, now_s + 20}, {8, now_s + 10}}, ""), RequestSeen::kFirst);
  EXPECT_EQ(use({{~std::uint64_t{0}, now_s + 5}}, "a"), RequestSeen::kFirst);
  EXPECT_EQ(use({{9, now_s + 5}}, "a"), RequestSeen::kDuplicate);
  const Tickets used = {{~std::uint64_t{0}, now_s + 5}, {8, now_s + 10}, {7, now_s + 20}};
  EXPECT_EQ(engine_->tickets(10).value(), used) << "not that of the duplicate";
  open_again();
  EXPECT_EQ(engine_->tickets(10).value(), used);
  EXPECT_EQ(engine_->tickets(1).value(), Tickets{used[0]});
  EXPECT_EQ(open_to_read(dir_)->tickets(10).value(), used);
  EXPECT_EQ(engine_->stats().dedup_entries, 1U) << "keys of requests are apart";
  now_ += 10'000;
  EXPECT_EQ(engine_->tickets(10).value(), (Tickets{used[1], used[2]}));
  now_ += 11'000;
  EXPECT_EQ(engine_->tickets(10).value(), Tickets());
  EXPECT_EQ(use({}, "a"), RequestSeen::kDuplicate) << "keys live on";
}

// What stands on disk is a hash: not what a proxy has put into its IDs.
TEST_F(SeenKeys, AreNotOnDiskAsTheyAreAndGoFromItByTime) {
  const auto stored = [&](std::string* all) {
    engine_.reset();
    const auto database = Database::open(options_, [](const Error&) {});
    EXPECT_TRUE(database.ok());
    const Database& data = *database.value();
    const std::unique_ptr<rocksdb::Iterator> it(
        data.db().NewIterator({}, data.family(Family::kSeen)));
    std::size_t records = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next(), ++records) {
      *all += it->key().ToString() + it->value().ToString();
    }
    return records;
  };
  std::string all;
  {
    CollectingSink sink;
    PendingAppend append;
    append.batch = batch_of(1);
    append.tickets = {{1, now_ / 1000 + 60}};
    append.sink = &sink;
    engine_->submit(&append);
    (void)sink.wait_for(1);
  }
  send({"203.0.113.77:4711", 1, "2040"});
  EXPECT_EQ(stored(&all), 2U);
  EXPECT_EQ(all.find("203.0.113.77"), std::string::npos);
  now_ += 2 * options_.dedup_window_ms;
  open_again();
  send({"later", 1, "2040"});
  const auto swept = [&] { return stored(&all) == 1; };
  for (int attempt = 0; attempt < 100 && !swept(); ++attempt) {
    open_again();
    std::mutex mutex;  // The upkeep's thread looks each second.
    std::unique_lock lock(mutex);
    std::condition_variable().wait_for(lock, std::chrono::milliseconds(200 * (1 + attempt)));
  }
  EXPECT_TRUE(swept());
}

TEST_F(SeenKeys, DamagedAnswersAreNamedAndNothingIsStored) {
  send({"a", 1, "first"});
  engine_.reset();
  {
    const auto database = Database::open(options_, [](const Error&) {});
    ASSERT_TRUE(database.ok());
    const Database& data = *database.value();
    const std::unique_ptr<rocksdb::Iterator> it(
        data.db().NewIterator({}, data.family(Family::kSeen)));
    it->SeekToFirst();
    ASSERT_TRUE(it->Valid());
    std::string value = it->value().ToString();
    value.back() = 'x';
    ASSERT_TRUE(data.db().Put({}, data.family(Family::kSeen), it->key(), value).ok());
  }
  engine_ = open(options_);
  EXPECT_FALSE(send({"a", 1, "second"}).ok);
  EXPECT_EQ(count(*engine_), 1U);
  EXPECT_EQ(send({"b", 1, "b"}), first("b")) << "the store goes on";
}

}  // namespace
}  // namespace kpi::test
