// How a client proves who it is, by where it comes in: one table.
#pragma once
#include <cstdint>

namespace kpi::auth {

enum class Entrance : std::uint8_t { kUnixSocket, kLoopback, kRemote };  // Of the listener.

enum class Proof : std::uint8_t {
  kNone,  // Taken at its word, as admin: whoever gets here has an account on this machine.
  kPeer,  // The kernel says which system user it is; else a password.
  kPassword,
  kRefused,  // Nothing would do.
};

Proof query_socket_proof(Entrance entrance, bool users_configured);
// Of what HTTP answers from the store. A Unix socket says nothing here: a proxy stands behind it.
Proof http_proof(Entrance entrance, bool users_configured);

}  // namespace kpi::auth
