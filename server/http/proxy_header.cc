#include "server/http/proxy_header.h"

#include <algorithm>
#include <cstring>

#include "kpi/assert.h"

namespace kpi::server {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kCommandAt = 12, kFamilyAt = 13, kLengthAt = 14;
constexpr unsigned kLocal = 0x20, kProxy = 0x21;
// Source and destination address, then their ports.
constexpr unsigned kUnspecified = 0x00, kTcp4 = 0x11, kUdp4 = 0x12, kTcp6 = 0x21, kUdp6 = 0x22,
                   kUnixStream = 0x31, kUnixDatagram = 0x32;
constexpr std::size_t kV4Bytes = 12, kV6Bytes = 36, kUnixBytes = 216;

}  // namespace

std::span<char> ProxyHeader::space() { return {buffer_.data() + size_, wanted_ - size_}; }

ProxyHeader::State ProxyHeader::received(std::size_t bytes) {
  KPI_ASSERT(bytes <= wanted_ - size_);
  size_ += bytes;
  // Told as soon as it is known: a client that speaks HTTP at once need not wait for the deadline.
  const std::size_t known = std::min(size_, kSignature.size());
  if (std::string_view(buffer_.data(), known) != kSignature.substr(0, known)) {
    return State::kMalformed;
  }
  if (size_ < wanted_) return State::kNeedMore;
  if (wanted_ == kProxyFixedBytes) {
    const State fixed = read_fixed();
    if (fixed != State::kDone || wanted_ != kProxyFixedBytes) return fixed;
  }
  return read_addresses();
}

ProxyHeader::State ProxyHeader::read_fixed() {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(buffer_[at]); };
  const std::size_t length = static_cast<std::size_t>(byte(kLengthAt)) << 8 | byte(kLengthAt + 1);
  if (byte(kCommandAt) != kLocal && byte(kCommandAt) != kProxy) return State::kMalformed;
  if (length > kProxyHeaderBytesMax - kProxyFixedBytes) return State::kMalformed;
  if (length == 0) return State::kDone;
  wanted_ = kProxyFixedBytes + length;
  return State::kNeedMore;
}

// What stands behind the addresses (TLVs) is not looked at.
ProxyHeader::State ProxyHeader::read_addresses() {
  if (static_cast<unsigned char>(buffer_[kCommandAt]) == kLocal) return State::kDone;
  const std::size_t length = size_ - kProxyFixedBytes;
  const auto* const bytes =
      reinterpret_cast<const unsigned char*>(buffer_.data()) + kProxyFixedBytes;
  switch (static_cast<unsigned char>(buffer_[kFamilyAt])) {
    case kUnspecified:
      return State::kDone;
    case kTcp4:
    case kUdp4:
      if (length < kV4Bytes) return State::kMalformed;
      source_ = v4_address(bytes);
      return State::kDone;
    case kTcp6:
    case kUdp6:
      if (length < kV6Bytes) return State::kMalformed;
      source_.emplace();
      std::memcpy(source_->data(), bytes, source_->size());
      return State::kDone;
    case kUnixStream:
    case kUnixDatagram:
      return length < kUnixBytes ? State::kMalformed : State::kDone;
    default:
      return State::kMalformed;
  }
}

}  // namespace kpi::server
