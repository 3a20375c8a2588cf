#include "server/auth/access_rule.h"

#include <gtest/gtest.h>

namespace kpi::auth {
namespace {

TEST(AccessRule, Table) {
  const struct {
    Entrance entrance;
    bool users;
    Proof query_socket, http;
  } cases[] = {
      {Entrance::kUnixSocket, false, Proof::kNone, Proof::kNone},
      {Entrance::kLoopback, false, Proof::kNone, Proof::kNone},
      {Entrance::kRemote, false, Proof::kRefused, Proof::kRefused},
      {Entrance::kUnixSocket, true, Proof::kPeer, Proof::kPassword},
      {Entrance::kLoopback, true, Proof::kPassword, Proof::kPassword},
      {Entrance::kRemote, true, Proof::kPassword, Proof::kPassword},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(query_socket_proof(c.entrance, c.users), c.query_socket);
    EXPECT_EQ(http_proof(c.entrance, c.users), c.http);
  }
}

}  // namespace
}  // namespace kpi::auth
