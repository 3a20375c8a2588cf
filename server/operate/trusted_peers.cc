#include "server/operate/trusted_peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace kpi::server {
namespace {

constexpr std::size_t kV4At = 12;  // Where the bytes of an IPv4 address stand.
constexpr int kV4Bits = 96;
constexpr std::size_t kAddressTextMax = 45;

bool same_network(const SenderAddress& a, const SenderAddress& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const int shift = 8 - bits % 8;
  return a[whole] >> shift == b[whole] >> shift;
}

}  // namespace

bool is_v4(const SenderAddress& address) {
  static constexpr unsigned char kMapped[kV4At] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::memcmp(address.data(), kMapped, kV4At) == 0;
}

bool is_loopback(const SenderAddress& address) {
  constexpr unsigned char kLoopbackNet = 127;
  SenderAddress v6_loopback{};
  v6_loopback.back() = 1;
  return is_v4(address) ? address[kV4At] == kLoopbackNet : address == v6_loopback;
}

SenderAddress v4_address(const unsigned char* bytes) {
  SenderAddress address{};
  address[10] = address[11] = 0xFF;
  std::memcpy(address.data() + kV4At, bytes, address.size() - kV4At);
  return address;
}

std::optional<SenderAddress> parse_address(std::string_view text) {
  if (text.empty() || text.size() > kAddressTextMax) return std::nullopt;
  const std::string terminated(text);
  in_addr v4{};
  if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    return v4_address(reinterpret_cast<const unsigned char*>(&v4));
  }
  SenderAddress address{};
  if (::inet_pton(AF_INET6, terminated.c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

SenderAddress peer_address(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return kUnknownSender;
  }
  SenderAddress address{};
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return v4_address(reinterpret_cast<const unsigned char*>(&v4.sin_addr));
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    std::memcpy(address.data(), &v6.sin6_addr, address.size());
  }
  return address;
}

std::optional<TrustedPeers::Network> TrustedPeers::parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int most = is_v4(*address) ? 32 : 128;
  int bits = most;
  if (slash != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
    if (parsed.ec != std::errc{} || parsed.ptr != end || bits < 0 || bits > most) {
      return std::nullopt;
    }
  }
  return Network{*address, most == 32 ? kV4Bits + bits : bits};
}

Result<TrustedPeers> TrustedPeers::parse(const std::vector<std::string>& texts) {
  TrustedPeers peers;
  for (const std::string& text : texts) {
    if (text == "unix") {
      peers.unix_ = true;
      continue;
    }
    const std::optional<Network> network = parse_network(text);
    if (!network) {
      return Error{ErrorCode::kInvalidArgument,
                   "'" + text + "' is neither unix, nor an address, nor a network",
                   "as in 127.0.0.1, 10.0.0.0/8 or fd00::/8"};
    }
    peers.networks_.push_back(*network);
  }
  return peers;
}

bool TrustedPeers::has(const SenderAddress& address) const {
  if (address == kUnknownSender) return unix_;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return is_v4(network.address) == is_v4(address) &&
           same_network(network.address, address, network.bits);
  });
}

}  // namespace kpi::server
