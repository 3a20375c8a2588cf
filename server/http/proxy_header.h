// The header of PROXY protocol, version 2, that a proxy sends ahead of a connection's bytes.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/http/sender.h"

namespace kpi::server {

inline constexpr std::size_t kProxyFixedBytes = 16;
inline constexpr std::size_t kProxyHeaderBytesMax = 2048;  // Addresses and TLVs; beyond: refused.

// Reads one header and not a byte of what follows it. Not thread-safe.
class ProxyHeader {
 public:
  enum class State : std::uint8_t { kNeedMore, kDone, kMalformed };

  // Where the next bytes go: not empty while kNeedMore.
  std::span<char> space();
  State received(std::size_t bytes);
  // After kDone. Nothing: the proxy speaks for itself (LOCAL), or for no TCP address.
  std::optional<SenderAddress> source() const { return source_; }

 private:
  State read_fixed();
  State read_addresses();

  std::array<char, kProxyHeaderBytesMax> buffer_;
  std::size_t size_ = 0, wanted_ = kProxyFixedBytes;
  std::optional<SenderAddress> source_;
};

}  // namespace kpi::server
