// Addresses of the other ends of connections, and whom what a proxy alone may say is believed from:
// request IDs, and where reports come from.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kpi/result.h"

namespace kpi::server {

// An IPv6 address; IPv4 as ::ffff:a.b.c.d. All zero: unknown, as of Unix sockets.
using SenderAddress = std::array<unsigned char, 16>;
inline constexpr SenderAddress kUnknownSender{};

bool is_v4(const SenderAddress& address);
bool is_loopback(const SenderAddress& address);
std::optional<SenderAddress> parse_address(std::string_view text);  // Without port or brackets.
SenderAddress v4_address(const unsigned char* bytes);               // Four of them.
SenderAddress peer_address(int socket);  // kUnknownSender where it has none.

// Immutable once made, thread-safe.
class TrustedPeers {
 public:
  // Each of `unix` (whoever connects to a Unix socket), an address, or a network as 10.0.0.0/8.
  // kInvalidArgument names the text.
  static Result<TrustedPeers> parse(const std::vector<std::string>& texts);

  bool none() const { return networks_.empty() && !unix_; }
  // An IPv4 address that is written as IPv6 counts as itself.
  bool has(const SenderAddress& address) const;

 private:
  struct Network {
    SenderAddress address{};
    int bits = 128;
  };
  static std::optional<Network> parse_network(std::string_view text);

  std::vector<Network> networks_;
  bool unix_ = false;
};

}  // namespace kpi::server
