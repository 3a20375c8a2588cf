#include "server/operate/trusted_peers.h"

#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstring>

namespace kpi::server {
namespace {

namespace ip = boost::asio::ip;

template <class Networks, class Address>
bool any_has(const Networks& networks, const Address& address) {
  // In Asio a range is half-open, and the widest ones have no end: masks are compared instead.
  return std::any_of(networks.begin(), networks.end(), [&](const auto& network) {
    return typename Networks::value_type(address, network.prefix_length()).network() ==
           network.network();
  });
}

}  // namespace

Result<TrustedPeers> TrustedPeers::parse(const std::vector<std::string>& texts) {
  TrustedPeers peers;
  for (const std::string& text : texts) {
    if (text == "unix") {
      peers.unix_ = true;
      continue;
    }
    const bool whole = text.find('/') == std::string::npos;
    const bool v6 = text.find(':') != std::string::npos;
    boost::system::error_code error;
    if (v6) {
      peers.v6_.push_back(ip::make_network_v6(whole ? text + "/128" : text, error));
    } else {
      peers.v4_.push_back(ip::make_network_v4(whole ? text + "/32" : text, error));
    }
    if (error) {
      return Error{ErrorCode::kInvalidArgument,
                   "'" + text + "' is neither unix, nor an address, nor a network",
                   "as in 127.0.0.1, 10.0.0.0/8 or fd00::/8"};
    }
  }
  return peers;
}

bool TrustedPeers::has(const sockaddr* peer) const {
  if (peer->sa_family == AF_UNIX) return unix_;
  if (peer->sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, peer, sizeof in);
    return any_has(v4_, ip::address_v4(ntohl(in.sin_addr.s_addr)));
  }
  if (peer->sa_family != AF_INET6) return false;
  sockaddr_in6 in6;
  std::memcpy(&in6, peer, sizeof in6);
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &in6.sin6_addr, bytes.size());
  const ip::address_v6 address(bytes);
  if (address.is_v4_mapped()) return any_has(v4_, ip::make_address_v4(ip::v4_mapped, address));
  return any_has(v6_, address);
}

}  // namespace kpi::server
