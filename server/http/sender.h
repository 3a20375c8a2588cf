// Where a request comes from: the address of its connection, or what trusted proxies say of it.
// Kept in memory for as long as the request, never stored or logged.
#pragma once
#include <array>
#include <cstdint>
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
std::optional<SenderAddress> parse_address(std::string_view text);  // Without port or brackets.
SenderAddress v4_address(const unsigned char* bytes);               // Four of them.
SenderAddress peer_address(int socket);  // kUnknownSender where it has none.

// The bytes that senders of one network share: /24 of IPv4, /56 of IPv6. A view of `address`.
std::string_view network_of(const SenderAddress& address);

inline constexpr std::size_t kForwardedLinesMax =
    8;  // The last ones: those of the nearest proxies.
inline constexpr std::size_t kForwardedHopsMax = 32;

// The lines of X-Forwarded-For in their order.
struct ForwardedLines {
  std::array<std::string_view, kForwardedLinesMax> lines{};
  std::size_t count = 0;
  void add(std::string_view line);
};

// Which addresses are proxies of ours.
class TrustedProxies {
 public:
  // `ADDRESS`, `ADDRESS/BITS` or `unix` (whoever connects to a Unix socket). kInvalidArgument.
  static Result<TrustedProxies> parse(const std::vector<std::string>& texts);

  bool empty() const { return networks_.empty() && !unix_; }
  bool trusts(const SenderAddress& address) const;
  // From the right over all lines, as long as who says it is trusted. What is no address ends the
  // walk: the sender is then who said it.
  SenderAddress sender(SenderAddress peer, const ForwardedLines& forwarded) const;

 private:
  struct Network {
    SenderAddress address{};
    int bits = 128;
  };
  std::vector<Network> networks_;
  bool unix_ = false;
};

}  // namespace kpi::server
