// Where a socket listens: `ADDR:PORT`, `[IPV6]:PORT` or `unix:PATH`, as options spell it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi::server {

struct Endpoint {
  bool is_unix = false;
  std::string path;        // Of a Unix socket (for the query socket: its directory).
  std::string host;        // A numeric address, without brackets.
  std::uint16_t port = 0;  // 0: the system picks a free one.

  bool is_loopback() const;  // True for Unix sockets as well: neither leaves this machine.
};

// kInvalidArgument names the text and what was expected. Host names are not resolved.
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace kpi::server
