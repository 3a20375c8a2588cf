// A client whose machine or network is gone says nothing of it: the kernel is told to ask. What
// cannot be set stays as the system has it.
#pragma once
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace kpi::server {

inline constexpr int kKeepAliveIdleSeconds = 60, kKeepAliveProbeSeconds = 10, kKeepAliveProbes = 6;

inline void keep_alive(int socket) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const int names[] = {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT};
  const int values[] = {kKeepAliveIdleSeconds, kKeepAliveProbeSeconds, kKeepAliveProbes};
  for (int i = 0; i < 3; ++i) {
    ::setsockopt(socket, IPPROTO_TCP, names[i], &values[i], sizeof values[i]);
  }
}

}  // namespace kpi::server
