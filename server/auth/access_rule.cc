#include "server/auth/access_rule.h"

namespace kpi::auth {
namespace {

struct Row {
  Proof query_socket, http;
};
constexpr Row kRules[3][2] = {
    // Without users                        With users
    {{Proof::kNone, Proof::kNone}, {Proof::kPeer, Proof::kPassword}},            // Unix socket
    {{Proof::kNone, Proof::kNone}, {Proof::kPassword, Proof::kPassword}},        // Loopback
    {{Proof::kRefused, Proof::kRefused}, {Proof::kPassword, Proof::kPassword}},  // Remote
};

const Row& row(Entrance entrance, bool users_configured) {
  return kRules[static_cast<int>(entrance)][users_configured ? 1 : 0];
}

}  // namespace

Proof query_socket_proof(Entrance entrance, bool users_configured) {
  return row(entrance, users_configured).query_socket;
}

Proof http_proof(Entrance entrance, bool users_configured) {
  return row(entrance, users_configured).http;
}

}  // namespace kpi::auth
