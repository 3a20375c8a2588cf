// Threat "replay": a token buys one event, and what is remembered of used ones is bounded.
#include "server/admission/used_tokens.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "server/admission/token_gate.h"

namespace kpi::server {
namespace {

using Take = UsedTokens::Take;

auth::TokenCheck token(std::uint64_t number, std::int64_t expires_s) {
  auth::TokenCheck check;
  check.state = auth::TokenState::kValid;
  std::memcpy(check.nonce.data(), &number, sizeof number);
  check.expires_s = expires_s;
  return check;
}

TEST(UsedTokens, TakesEachOnce) {
  UsedTokens used;
  EXPECT_FALSE(used.contains(token(1, 10)));
  EXPECT_EQ(used.take(token(1, 10), 0), Take::kFirst);
  EXPECT_TRUE(used.contains(token(1, 10)));
  EXPECT_EQ(used.take(token(1, 10), 10), Take::kUsed);
  used.give_back(token(1, 10));
  EXPECT_EQ(used.take(token(1, 10), 10), Take::kFirst);
}

TEST(UsedTokens, ForgetsOnlyWhatHasExpired) {
  UsedTokens used(3);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(used.take(token(i, 10), 0), Take::kFirst);
  EXPECT_EQ(used.take(token(9, 10), 10), Take::kFull);
  EXPECT_EQ(used.take(token(0, 10), 10), Take::kUsed);
  EXPECT_EQ(used.take(token(9, 20), 11), Take::kFirst);
  EXPECT_EQ(used.size(), 1U);
}

TEST(UsedTokens, ThatAreGivenBackTakeNoRoom) {
  UsedTokens used(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(used.take(token(1, 10), 0), Take::kFirst);
    used.give_back(token(1, 10));
  }
  EXPECT_EQ(used.take(token(2, 10), 0), Take::kFirst);
}

TEST(UsedTokens, ThatLiveLongHoldNobodyElseBack) {
  UsedTokens used(2);
  EXPECT_EQ(used.take(token(1, 1'000'000), 0), Take::kFirst);
  for (std::int64_t now = 0; now < 10; ++now) {
    EXPECT_EQ(used.take(token(100 + static_cast<std::uint64_t>(now), now), now), Take::kFirst);
  }
}

TEST(UsedTokens, AreLoadedAsFarAsTheyFit) {
  UsedTokens used(2);
  const Ticket tickets[] = {ticket_of(token(1, 10)), ticket_of(token(2, 20)),
                            ticket_of(token(3, 30))};
  used.load(tickets);
  EXPECT_EQ(used.take(token(1, 10), 0), Take::kUsed);
  EXPECT_EQ(used.take(token(2, 20), 0), Take::kUsed);
  EXPECT_EQ(used.take(token(3, 30), 0), Take::kFull);
  EXPECT_EQ(used.take(token(3, 30), 11), Take::kFirst);
}

TEST(UsedTokens, TwoThreadsNeverTakeTheSame) {
  UsedTokens used;
  constexpr std::uint64_t kTokens = 20'000;
  std::atomic<std::uint64_t> first{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < kTokens; ++n) {
        if (used.take(token(n, 10), 0) == Take::kFirst) ++first;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first.load(), kTokens);
}

TEST(TokenOf, FindsTheParameter) {
  EXPECT_EQ(token_of("n=abc"), "abc");
  EXPECT_EQ(token_of("variant=B&n=abc"), "abc");
  EXPECT_EQ(token_of("n=abc&n=def"), "abc");
  EXPECT_EQ(token_of("nn=abc&xn=1"), "");
  EXPECT_EQ(token_of("n"), "");
  EXPECT_EQ(token_of("n="), "");
  EXPECT_EQ(token_of(""), "");
}

}  // namespace
}  // namespace kpi::server
