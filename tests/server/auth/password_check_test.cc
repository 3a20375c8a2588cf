#include "server/auth/password_check.h"

#include <gtest/gtest.h>

namespace kpi::auth {
namespace {

class PasswordCheckTest : public testing::Test {
 protected:
  static std::shared_ptr<const Users> users(std::uint32_t iterations = kIterationsMin) {
    auto users = std::make_shared<Users>();
    users->by_name["alice"] = {Role::kAdmin,
                               make_verifier("right", std::string(16, 's'), iterations), ""};
    users->by_name["peer"] = {Role::kAdmin, std::nullopt, "peer"};
    return users;
  }
  Result<Principal> check(const std::string& name, const std::string& password) {
    return check_.check(users_, stand_in_, name, password);
  }

  std::chrono::steady_clock::time_point now_{};
  PasswordCheck check_{[this] { return now_; }};
  std::shared_ptr<const Users> users_ = users();
  const Verifier stand_in_{kIterationsMin, std::string(16, 'x'), {}, {}};
};

TEST_F(PasswordCheckTest, DerivesOnceForWhatIsRight) {
  EXPECT_FALSE(check_.recall(users_, "alice", "right"));
  for (int i = 0; i < 100; ++i) {
    const auto principal = check("alice", "right");
    ASSERT_TRUE(principal.ok());
    EXPECT_EQ(principal.value().role, Role::kAdmin);
  }
  EXPECT_EQ(check_.derivations(), 1U);
  EXPECT_TRUE(check_.recall(users_, "alice", "right"));
  EXPECT_FALSE(check_.recall(users_, "alice", "wrong"));
  EXPECT_FALSE(check_.recall(users_, "alic", "eright"));
}

TEST_F(PasswordCheckTest, WrongUnknownAndPeerOnlyLookTheSame) {
  const auto wrong = check("alice", "wrong"), unknown = check("bob", "right"),
             peer = check("peer", "");
  for (const auto* result : {&wrong, &unknown, &peer}) {
    ASSERT_FALSE(result->ok());
    EXPECT_EQ(result->error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(result->error().message, wrong.error().message);
  }
  EXPECT_EQ(check_.derivations(), 3U);  // Each took the time of one.
}

TEST_F(PasswordCheckTest, AnotherFileForgets) {
  ASSERT_TRUE(check("alice", "right").ok());
  users_ = std::make_shared<const Users>();
  EXPECT_FALSE(check_.recall(users_, "alice", "right"));
  EXPECT_FALSE(check("alice", "right").ok());
}

TEST_F(PasswordCheckTest, GuessesAreBoundedAndRecover) {
  int derived = 0;
  while (check("alice", "wrong").error().code == ErrorCode::kPermissionDenied) ++derived;
  EXPECT_EQ(derived, static_cast<int>(kDerivedIterationsPerSecond / kIterationsMin));
  EXPECT_EQ(check("alice", "right").error().code, ErrorCode::kUnavailable);
  now_ += std::chrono::milliseconds(21);  // A fiftieth of a second, and a bit: one more.
  EXPECT_TRUE(check("alice", "right").ok());
  EXPECT_EQ(check("alice", "wrong").error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(check("alice", "right").ok());  // What is remembered costs nothing.
}

TEST_F(PasswordCheckTest, AVerifierAboveTheBurstIsPaidForLater) {
  users_ = users(2 * kDerivedIterationsPerSecond);
  EXPECT_TRUE(check("alice", "right").ok());
  now_ += std::chrono::milliseconds(1'990);
  EXPECT_EQ(check("alice", "wrong").error().code, ErrorCode::kUnavailable);
  now_ += std::chrono::milliseconds(20);
  EXPECT_EQ(check("alice", "wrong").error().code, ErrorCode::kPermissionDenied);
}

TEST_F(PasswordCheckTest, RemembersABoundedNumber) {
  auto many = std::make_shared<Users>();
  const Verifier verifier = make_verifier("right", std::string(16, 's'), kIterationsMin);
  for (std::size_t i = 0; i <= kRememberedPasswordsMax; ++i) {
    many->by_name["u" + std::to_string(i)] = {Role::kReader, verifier, ""};
  }
  users_ = many;
  for (std::size_t i = 0; i <= kRememberedPasswordsMax; ++i) {
    now_ += std::chrono::seconds(1);
    ASSERT_TRUE(check("u" + std::to_string(i), "right").ok());
  }
  EXPECT_FALSE(check_.recall(users_, "u0", "right"));
  EXPECT_TRUE(check_.recall(users_, "u" + std::to_string(kRememberedPasswordsMax), "right"));
}

}  // namespace
}  // namespace kpi::auth
