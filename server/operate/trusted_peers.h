// Whom what a proxy alone may say is believed from: networks, and Unix sockets.
#pragma once
#include <sys/socket.h>

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <vector>

#include "kpi/result.h"

namespace kpi::server {

// Immutable once made, thread-safe.
class TrustedPeers {
 public:
  // Each of `unix`, an address, or a network as 10.0.0.0/8. kInvalidArgument names the text.
  static Result<TrustedPeers> parse(const std::vector<std::string>& texts);

  bool none() const { return !unix_ && v4_.empty() && v6_.empty(); }
  // An IPv4 address that is written as IPv6 counts as itself.
  bool has(const sockaddr* peer) const;

 private:
  bool unix_ = false;
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace kpi::server
