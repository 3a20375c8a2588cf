// Promise P3: which request keys are remembered: bounds, the order in which they go, and the same
// as a plain map says, whatever collides.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>

#include "engine/seen/seen_record.h"
#include "engine/seen/seen_table.h"

namespace kpi::test {
namespace {

SeenKey key_of(std::uint64_t n) { return {n, n * 16}; }  // All of them want the same few slots.

TEST(SeenTable, ForgetsTheOldestBeyondItsBound) {
  SeenTable table(3);
  for (std::uint64_t n = 0; n < 3; ++n) EXPECT_FALSE(table.add(key_of(n), 100));
  EXPECT_TRUE(table.find(key_of(0)).has_value());
  EXPECT_TRUE(table.add(key_of(3), 100));
  EXPECT_FALSE(table.find(key_of(0)).has_value());
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_EQ(table.find(key_of(n))->number, n);
  EXPECT_EQ(table.size(), 3U);
}

TEST(SeenTable, ForgetsByTime) {
  SeenTable table(10);
  for (std::int64_t n = 0; n < 5; ++n) table.add(key_of(static_cast<std::uint64_t>(n)), 100 + n);
  table.drop_to(101);
  EXPECT_FALSE(table.find(key_of(1)).has_value());
  EXPECT_EQ(table.find(key_of(2))->when_ms, 102);
  EXPECT_EQ(table.oldest_ms(), 102);
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.next_number(), 5U);
  table.add(key_of(7), 1);
  EXPECT_EQ(table.find(key_of(7))->number, 5U);
}

TEST(SeenTable, AKeyThatIsAddedAgainOutlivesItsFirstEntry) {
  SeenTable table(10);
  table.add(key_of(1), 100);
  table.add(key_of(2), 101);
  table.add(key_of(1), 102);
  table.drop_to(101);
  EXPECT_EQ(table.find(key_of(1))->when_ms, 102);
  EXPECT_FALSE(table.find(key_of(2)).has_value());
}

TEST(SeenTable, SaysWhatAListSays) {
  const char* seed = std::getenv("KPI_SEED");
  std::mt19937_64 rng(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
  for (const std::size_t bound : {1U, 2U, 7U, 100U}) {
    SeenTable table(bound);
    std::deque<SeenTable::Entry> list;
    std::int64_t now = 0;
    for (int step = 0; step < 5000; ++step) {
      now += static_cast<std::int64_t>(rng() % 3);
      const SeenKey key = key_of(rng() % 150);
      if (rng() % 10 == 0) {
        table.drop_to(now - 40);
        while (!list.empty() && list.front().when_ms <= now - 40) list.pop_front();
      }
      if (rng() % 2 == 0) {
        EXPECT_EQ(table.add(key, now), list.size() == bound);
        if (list.size() == bound) list.pop_front();
        list.push_back({key, now});
      }
      const auto newest = std::find_if(list.rbegin(), list.rend(),
                                       [&](const auto& entry) { return entry.key == key; });
      const auto found = table.find(key);
      ASSERT_EQ(found.has_value(), newest != list.rend());
      if (found) {
        ASSERT_EQ(found->when_ms, newest->when_ms);
      }
      ASSERT_EQ(table.size(), list.size());
    }
  }
}

TEST(SeenRecord, ComesBackAndIsOrderedByTime) {
  const std::string key = encode_seen_key(5, {6, 7});
  EXPECT_EQ(decode_seen_key(key).value().when_ms, 5);
  EXPECT_EQ(decode_seen_key(key).value().key, (SeenKey{6, 7}));
  EXPECT_LT(seen_key_bound(5), key);
  EXPECT_LT(key, seen_key_bound(6));
  const std::string value = encode_seen_answer(key, {9, "2040"});
  EXPECT_EQ(decode_seen_answer(key, value).value().content, 9U);
  EXPECT_EQ(decode_seen_answer(key, value).value().answer, "2040");
}

TEST(SeenRecord, DamageIsFound) {
  const std::string key = encode_seen_key(5, {6, 7});
  const std::string value = encode_seen_answer(key, {9, "2040"});
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string damaged = value;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_seen_answer(key, damaged).ok()) << bit;
  }
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_seen_answer(key, value.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(decode_seen_answer(encode_seen_key(5, {6, 8}), value).ok()) << "another's";
  EXPECT_FALSE(decode_seen_key(key + 'x').ok());
  EXPECT_FALSE(decode_seen_key(key.substr(1)).ok());
  EXPECT_FALSE(decode_seen_key('\x80' + key.substr(1)).ok());
}

}  // namespace
}  // namespace kpi::test
