// Where a request comes from: the address of its connection, or what trusted proxies say of it.
// Kept in memory for as long as the request, never stored or logged.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include "server/operate/trusted_peers.h"

namespace kpi::server {

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

// From the right over all lines, as long as who says it is one of `proxies`. What is no address
// ends the walk: the sender is then who said it.
SenderAddress sender_of(const TrustedPeers& proxies, SenderAddress peer,
                        const ForwardedLines& forwarded);

}  // namespace kpi::server
