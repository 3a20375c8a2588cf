#include "server/http/sender.h"

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
constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Some proxies add the port: `1.2.3.4:5678`, `[2001:db8::1]:5678`.
std::optional<SenderAddress> parse_hop(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    return parse_address(text.substr(1, close - 1));
  }
  const std::size_t colon = text.find(':');
  const bool port = colon != std::string_view::npos && text.find(':', colon + 1) == text.npos;
  return parse_address(port ? text.substr(0, colon) : text);
}

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

std::string_view network_of(const SenderAddress& address) {
  constexpr std::size_t kV4Bytes = kV4At + 3, kV6Bytes = 7;
  return {reinterpret_cast<const char*>(address.data()), is_v4(address) ? kV4Bytes : kV6Bytes};
}

void ForwardedLines::add(std::string_view line) {
  if (count == lines.size()) {
    std::rotate(lines.begin(), lines.begin() + 1, lines.end());
    --count;
  }
  lines[count++] = line;
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    if (text == "unix") {
      proxies.unix_ = true;
      continue;
    }
    const std::size_t slash = text.find('/');
    const auto address = parse_address(std::string_view(text).substr(0, slash));
    const int most = address && is_v4(*address) ? 32 : 128;
    int bits = most;
    bool good = address.has_value();
    if (good && slash != std::string::npos) {
      const char* const end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
      good = parsed.ec == std::errc{} && parsed.ptr == end && bits >= 0 && bits <= most;
    }
    if (!good) {
      return Error{ErrorCode::kInvalidArgument,
                   "'" + text + "' is no address, network (10.0.0.0/8) or 'unix'"};
    }
    proxies.networks_.push_back({*address, most == 32 ? kV4Bits + bits : bits});
  }
  return proxies;
}

bool TrustedProxies::trusts(const SenderAddress& address) const {
  if (address == kUnknownSender) return unix_;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return same_network(network.address, address, network.bits);
  });
}

SenderAddress TrustedProxies::sender(SenderAddress peer, const ForwardedLines& forwarded) const {
  std::size_t hops = 0;
  for (std::size_t i = forwarded.count; i > 0; --i) {
    std::string_view line = forwarded.lines[i - 1];
    while (!line.empty()) {
      if (!trusts(peer) || ++hops > kForwardedHopsMax) return peer;
      const std::size_t comma = line.rfind(',');
      const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
      const auto hop = parse_hop(trimmed(line.substr(begin)));
      if (!hop) return peer;
      peer = *hop;
      line = line.substr(0, begin == 0 ? 0 : comma);
    }
  }
  return peer;
}

}  // namespace kpi::server
