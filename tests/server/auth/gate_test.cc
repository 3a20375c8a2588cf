#include "server/auth/gate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "server/auth/users_file.h"
#include "tests/server/auth/scram_client.h"
#include "tests/support/temp_dir.h"

namespace kpi::auth {
namespace {

class GateTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_users_file(path_, text()).ok());
    auto gate = Gate::open(path_);
    ASSERT_TRUE(gate.ok()) << gate.error().message;
    gate_ = std::move(gate).value();
  }
  static std::string text() {
    return "dash reader " +
           verifier_text(make_verifier("pencil", std::string(16, 's'), kIterationsMin)) +
           "\nalice admin peer\nreport reader peer:www-data\n";
  }
  bool log_in(std::string_view name, const std::string& password) {
    ScramServer scram = gate_->begin_scram(name, false, "");
    const ScramClient client{password};
    const auto first = scram.first(client.first());
    return first.ok() && scram.final(client.final(first.value())).ok();
  }

  TempDir dir_;
  const std::string path_ = std::string(dir_.path()) + "/users";
  std::unique_ptr<Gate> gate_;
};

TEST_F(GateTest, PasswordsAndRoles) {
  EXPECT_TRUE(log_in("dash", "pencil"));
  EXPECT_FALSE(log_in("dash", "pen"));
  EXPECT_FALSE(log_in("nobody", "pencil"));
  EXPECT_FALSE(log_in("alice", ""));
  EXPECT_EQ(gate_->role_of("dash"), Role::kReader);
  EXPECT_EQ(gate_->role_of("alice"), Role::kAdmin);
  EXPECT_EQ(gate_->role_of("nobody"), std::nullopt);
}

TEST_F(GateTest, Peers) {
  const auto role = [&](bool root, const char* system_user, const char* name) {
    const auto principal = gate_->admit_peer({root, system_user}, name);
    return principal ? std::optional(principal->role) : std::nullopt;
  };
  EXPECT_EQ(role(true, "root", "anybody"), Role::kAdmin);
  EXPECT_EQ(role(false, "alice", "alice"), Role::kAdmin);
  EXPECT_EQ(role(false, "dash", "dash"), Role::kReader);
  EXPECT_EQ(role(false, "www-data", "report"), Role::kReader);
  EXPECT_EQ(role(false, "report", "report"), std::nullopt);  // Mapped to another.
  EXPECT_EQ(role(false, "alice", "report"), std::nullopt);
  EXPECT_EQ(role(false, "mallory", "alice"), std::nullopt);
  EXPECT_EQ(role(false, "mallory", "mallory"), std::nullopt);
  EXPECT_EQ(role(false, "", "alice"), std::nullopt);
}

// A user that is not there is asked as one that is: the same salt each time, its own for each name.
TEST_F(GateTest, UnknownUsersLookLikeOthers) {
  const auto first = [&](const char* name) {
    const std::string answer = gate_->begin_scram(name, false, "").first("n,,n=,r=x").value();
    return answer.substr(answer.find(",s="));
  };
  EXPECT_EQ(first("mallory"), first("mallory"));
  EXPECT_NE(first("mallory"), first("eve"));
  EXPECT_EQ(first("mallory").size(), first("dash").size());
  const std::string a = gate_->begin_scram("dash", false, "").first("n,,n=,r=x").value();
  const std::string b = gate_->begin_scram("dash", false, "").first("n,,n=,r=x").value();
  EXPECT_NE(a, b);  // A nonce of its own.
}

TEST_F(GateTest, ReloadIsAllOrNothing) {
  ASSERT_TRUE(gate_->check_password("dash", "pencil").ok());
  ASSERT_TRUE(write_users_file(path_, "alice admin peer\nbroken\n").ok());
  const Status status = gate_->reload();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find(path_ + ":2:"), std::string::npos);
  EXPECT_TRUE(log_in("dash", "pencil"));
  EXPECT_TRUE(gate_->recall_password("dash", "pencil"));

  ASSERT_TRUE(write_users_file(path_, "alice admin peer\n").ok());
  ASSERT_TRUE(gate_->reload().ok());
  EXPECT_FALSE(log_in("dash", "pencil"));
  EXPECT_FALSE(gate_->recall_password("dash", "pencil"));
}

TEST_F(GateTest, WithoutAFileThereAreNoUsers) {
  const auto gate = Gate::open("");
  ASSERT_TRUE(gate.ok());
  EXPECT_FALSE(gate.value()->has_users());
  EXPECT_TRUE(gate.value()->reload().ok());
  EXPECT_FALSE(gate.value()->check_password("dash", "pencil").ok());
  EXPECT_FALSE(Gate::open(path_ + ".none").ok());
}

TEST_F(GateTest, OverlongCredentialsCostNothing) {
  EXPECT_FALSE(gate_->check_password("dash", std::string(kPasswordBytesMax + 1, 'x')).ok());
  EXPECT_FALSE(gate_->check_password(std::string(kUserNameBytesMax + 1, 'x'), "x").ok());
  EXPECT_EQ(gate_->derivations(), 0U);
  EXPECT_FALSE(gate_->check_password("dash", std::string(kPasswordBytesMax, 'x')).ok());
  EXPECT_EQ(gate_->derivations(), 1U);
}

}  // namespace
}  // namespace kpi::auth
