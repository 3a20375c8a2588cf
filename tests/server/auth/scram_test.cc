#include "server/auth/scram.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/server/auth/scram_client.h"

namespace kpi::auth {
namespace {

const Verifier kPencil = make_verifier("pencil", *from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
const std::string kNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

ScramServer server(bool known = true) {
  ScramServer::Setup setup;
  setup.verifier = kPencil;
  setup.known = known;
  setup.nonce = kNonce;
  return ScramServer(std::move(setup));
}

ScramServer plus_server() {
  ScramServer::Setup setup;
  setup.verifier = kPencil;
  setup.nonce = kNonce;
  setup.plus = setup.plus_offered = true;
  setup.end_point = "hash";
  return ScramServer(std::move(setup));
}

// RFC 7677, section 3.
TEST(Scram, Rfc7677) {
  ScramServer scram = server();
  EXPECT_EQ(
      scram.first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").value(),
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  EXPECT_EQ(scram
                .final("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                       "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
                .value(),
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

Result<std::string> converse(ScramServer scram, const ScramClient& client) {
  const auto answer = scram.first(client.first());
  if (!answer.ok()) return answer.error();
  return scram.final(client.final(answer.value()));
}

TEST(Scram, OnlyTheRightPasswordOfAKnownUser) {
  EXPECT_TRUE(converse(server(), {"pencil"}).ok());
  const auto wrong = converse(server(), {"pencils"});
  const auto unknown = converse(server(false), {"pencil"});
  ASSERT_FALSE(wrong.ok());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(unknown.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(wrong.error().message, unknown.error().message);
}

TEST(Scram, ChannelBinding) {
  EXPECT_TRUE(converse(plus_server(), {"pencil", "p=tls-server-end-point,,", "hash"}).ok());
  // A machine in the middle shows another certificate.
  EXPECT_FALSE(converse(plus_server(), {"pencil", "p=tls-server-end-point,,", "other"}).ok());
  EXPECT_FALSE(converse(plus_server(), {"pencil", "p=tls-unique,,", "hash"}).ok());
  EXPECT_FALSE(converse(plus_server(), {"pencil", "n,,"}).ok());
  EXPECT_FALSE(converse(server(), {"pencil", "p=tls-server-end-point,,", "hash"}).ok());
}

// y: the client can bind but was not offered to. True on a plain connection, an attack where it
// was.
TEST(Scram, DowngradeIsSeen) {
  EXPECT_TRUE(converse(server(), {"pencil", "y,,"}).ok());
  ScramServer::Setup setup;
  setup.verifier = kPencil;
  setup.nonce = kNonce;
  setup.plus_offered = true;
  setup.end_point = "hash";
  EXPECT_TRUE(converse(ScramServer(setup), {"pencil", "n,,"}).ok());
  EXPECT_FALSE(converse(ScramServer(setup), {"pencil", "y,,"}).ok());
}

TEST(Scram, RefusesMalformedFirstMessages) {
  for (const char* message :
       {"", "n", "n,", "n,,", "n,,n=user", "n,,n=user,", "n,,n=user,r=", "n,,r=abc", "x,,n=,r=abc",
        "n,a=admin,n=,r=abc", "n,,m=ext,n=,r=abc", "n,,n=,r=a\x01", "n,,n=,r=\xC3\xA4",
        ",,n=,r=abc", "p=,,n=,r=abc", "nn,n=,r=abc"}) {
    const auto answer = server().first(message);
    ASSERT_FALSE(answer.ok()) << message;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << message;
  }
}

TEST(Scram, RefusesMalformedFinalMessages) {
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO" + kNonce;
  const std::string proof = to_base64(std::string(32, 'p'));
  const std::string cases[] = {"",
                               "c=biws",
                               "c=biws,r=" + nonce,
                               "c=biws,r=" + nonce + ",p=",
                               "c=biws,r=" + nonce + ",p=!!!!",
                               "c=biws,r=" + nonce + ",p=" + to_base64(std::string(31, 'p')),
                               "c=biws,r=" + nonce + ",p=" + to_base64(std::string(33, 'p')),
                               "c=biws,r=" + nonce + ",p=" + proof + ",x=1",
                               "c=eSws,r=" + nonce + ",p=" + proof,
                               "c=,r=" + nonce + ",p=" + proof,
                               "r=" + nonce + ",c=biws,p=" + proof,
                               "c=biws,r=" + nonce + "x,p=" + proof,
                               "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=" + proof,
                               ",p=" + proof};
  for (const std::string& message : cases) {
    ScramServer scram = server();
    ASSERT_TRUE(scram.first("n,,n=,r=rOprNGfwEbeRWgbNEkqO").ok());
    const auto answer = scram.final(message);
    ASSERT_FALSE(answer.ok()) << message;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << message;
  }
}

TEST(Scram, LimitAndBeyond) {
  std::string first = "n,,n=,r=";
  first.resize(kScramMessageBytesMax, 'x');
  EXPECT_TRUE(server().first(first).ok());
  const auto beyond = server().first(first + "x");
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code, ErrorCode::kLimitExceeded);
}

// Every byte of a right conversation changed, at random: never a crash, never admitted.
void mutate(unsigned seed) {
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    ScramServer scram = server();
    const ScramClient client{"pencil"};
    const auto answer = scram.first(client.first());
    std::string final = client.final(answer.value());
    // The last character of a padded group has bits that must be 0, so any change is another text.
    const std::size_t at = random() % final.size();
    const char old = final[at];
    while (final[at] == old) final[at] = static_cast<char>(random() & 0xFF);
    EXPECT_FALSE(scram.final(final).ok()) << seed << " " << round << " " << final;
  }
}

TEST(Scram, NoChangedByteIsAdmitted) { mutate(1); }

}  // namespace
}  // namespace kpi::auth
