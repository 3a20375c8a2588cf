// Any bytes as a PROXY header, and as X-Forwarded-For: read alike however they are cut into pieces,
// and never a byte beyond what the header says.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "kpi/assert.h"
#include "server/http/proxy_header.h"

namespace {

using kpi::server::ProxyHeader;

struct Seen {
  ProxyHeader::State state = ProxyHeader::State::kNeedMore;
  std::size_t used = 0;
  std::optional<kpi::server::SenderAddress> source;
};

Seen read(std::string_view bytes, std::size_t step) {
  ProxyHeader header;
  Seen seen;
  while (seen.state == ProxyHeader::State::kNeedMore && seen.used < bytes.size()) {
    const auto space = header.space();
    KPI_ASSERT(!space.empty());
    const std::size_t n = std::min({space.size(), bytes.size() - seen.used, step});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(seen.used), n, space.begin());
    seen.used += n;
    seen.state = header.received(n);
  }
  if (seen.state == ProxyHeader::State::kDone) seen.source = header.source();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Seen whole = read(bytes, SIZE_MAX), single = read(bytes, 1);
  KPI_ASSERT(whole.state == single.state && whole.source == single.source);
  KPI_ASSERT(whole.state != ProxyHeader::State::kDone || whole.used == single.used);
  static const auto kTrusted =
      kpi::server::TrustedPeers::parse({"10.0.0.0/8", "2001:db8::/32", "unix"}).value();
  kpi::server::ForwardedLines lines;
  const std::size_t half = std::min(bytes.find('\n'), bytes.size());
  lines.add(bytes.substr(0, half));
  lines.add(bytes.substr(std::min(half + 1, bytes.size())));
  kpi::server::sender_of(kTrusted, kpi::server::kUnknownSender, lines);
  return 0;
}
