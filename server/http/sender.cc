#include "server/http/sender.h"

#include <algorithm>

namespace kpi::server {
namespace {

constexpr std::size_t kV4At = 12;  // Where the bytes of an IPv4 address stand.
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

}  // namespace

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

SenderAddress sender_of(const TrustedPeers& proxies, SenderAddress peer,
                        const ForwardedLines& forwarded) {
  std::size_t hops = 0;
  for (std::size_t i = forwarded.count; i > 0; --i) {
    std::string_view line = forwarded.lines[i - 1];
    while (!line.empty()) {
      if (!proxies.has(peer) || ++hops > kForwardedHopsMax) return peer;
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
