#include "server/pgwire/peer.h"

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace kpi::server::pgwire {

auth::Peer peer_of(const boost::asio::generic::stream_protocol::socket& socket) {
  auto& handle = const_cast<boost::asio::generic::stream_protocol::socket&>(socket);
  struct ucred credentials {};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(handle.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
      size != sizeof(credentials)) {
    return {};
  }
  auth::Peer peer;
  peer.is_server_or_root = credentials.uid == 0 || credentials.uid == ::geteuid();
  if (peer.is_server_or_root) return peer;
  struct passwd entry;
  struct passwd* found = nullptr;
  std::array<char, 16U << 10> buffer;
  if (::getpwuid_r(credentials.uid, &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    peer.system_user = found->pw_name;
  }
  return peer;
}

}  // namespace kpi::server::pgwire
