#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>

#include "tools/kpi_load/connection.h"

namespace kpi::load {
namespace {

constexpr std::size_t kUnixPathBytesMax = 107;  // What sockaddr_un holds with its final zero.

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  if (text.rfind("unix:", 0) == 0) {
    const std::string path = text.substr(5);
    if (path.empty() || path.size() > kUnixPathBytesMax) {
      return Error{ErrorCode::kInvalidArgument,
                   "'" + text + "': a socket path of 1 to 107 bytes was expected"};
    }
    return Endpoint(boost::asio::local::stream_protocol::endpoint(path));
  }
  const Error expected{ErrorCode::kInvalidArgument,
                       "'" + text + "': ADDR:PORT or unix:PATH was expected"};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return expected;
  std::string host = text.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error || parsed.ec != std::errc{} || parsed.ptr != end || port == 0) return expected;
  return Endpoint(boost::asio::ip::tcp::endpoint(address, port));
}

}  // namespace kpi::load
