#include "server/operate/endpoint.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace kpi::server {
namespace {

constexpr std::size_t kUnixPathBytesMax = 107;  // sockaddr_un holds 108 with its final NUL.

Error bad(std::string_view text, std::string_view why) {
  return Error{ErrorCode::kInvalidArgument,
               "'" + std::string(text) + "' is no address to listen at: " + std::string(why),
               "write 127.0.0.1:8090, [::1]:8090 or unix:/run/kpistore/http.sock"};
}

}  // namespace

bool Endpoint::is_loopback() const {
  if (is_unix) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  if (text.substr(0, 5) == "unix:") {
    endpoint.is_unix = true;
    endpoint.path = text.substr(5);
    if (endpoint.path.empty()) return bad(text, "a path is expected after unix:");
    if (endpoint.path.size() > kUnixPathBytesMax) return bad(text, "the path is over 107 bytes");
    return endpoint;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad(text, "a port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  endpoint.host = host == "localhost" ? std::string_view("127.0.0.1") : host;
  boost::system::error_code error;
  boost::asio::ip::make_address(endpoint.host, error);
  if (error) return bad(text, "a numeric IP address is expected before the port");
  const char* const end = port.data() + port.size();
  const auto parsed = std::from_chars(port.data(), end, endpoint.port);
  if (port.empty() || parsed.ec != std::errc{} || parsed.ptr != end) {
    return bad(text, "the port is no number from 0 to 65535");
  }
  return endpoint;
}

}  // namespace kpi::server
