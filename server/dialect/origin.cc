#include "server/dialect/origin.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <cstdint>

#include "kpi/limits.h"

namespace kpi::server {
namespace {

constexpr std::size_t kPortDigitsMax = 5;
constexpr std::uint32_t kPortMax = 65'535;
constexpr std::uint32_t kHttpPort = 80, kHttpsPort = 443;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_plain_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-';
}

// Digits only, at least one; nothing beyond kPortMax. Leading zeros count for nothing.
std::optional<std::uint32_t> parse_port(std::string_view digits) {
  std::uint32_t port = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > kPortMax) return std::nullopt;
  }
  return port;
}

// `scheme://authority` of a URL: whatever follows is no part of the origin and may be odd.
std::string_view without_path(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", colon + 3));
}

std::string host_of(const boost::urls::url& url) {
  if (url.host_type() == boost::urls::host_type::ipv6) {
    return "[" + url.host_ipv6_address().to_string() + "]";
  }
  return std::string(url.encoded_host());
}

}  // namespace

bool is_canonical_origin(std::string_view url) {
  if (url.size() > kRpBytesMax) return false;
  const bool https = url.substr(0, 8) == "https://";
  if (!https && url.substr(0, 7) != "http://") return false;
  const std::string_view rest = url.substr(https ? 8 : 7);
  const auto host_end = std::find_if_not(rest.begin(), rest.end(), is_plain_host_byte);
  const auto host_size = static_cast<std::size_t>(host_end - rest.begin());
  if (host_size == 0) return false;
  if (host_size == rest.size()) return true;
  const std::string_view port_text = rest.substr(host_size + 1);
  if (rest[host_size] != ':' || port_text.empty() || port_text.size() > kPortDigitsMax ||
      (port_text[0] == '0' && port_text.size() > 1)) {
    return false;
  }
  const auto port = parse_port(port_text);
  return port && *port != (https ? kHttpsPort : kHttpPort);
}

std::optional<std::string> canonical_origin(std::string_view url) {
  if (is_canonical_origin(url)) return std::string(url);
  const std::string_view part = without_path(url);
  if (part.empty() || part.size() > 2 * kRpBytesMax) return std::nullopt;
  const auto parsed = boost::urls::parse_uri(part);
  // Boost.URL takes what follows a malformed port for a path.
  if (!parsed || !parsed->encoded_path().empty()) return std::nullopt;
  const bool https = parsed->scheme_id() == boost::urls::scheme::https;
  if (!https && parsed->scheme_id() != boost::urls::scheme::http) return std::nullopt;
  boost::urls::url normal(*parsed);
  normal.normalize_authority();
  std::string origin = https ? "https://" : "http://";
  const std::string host = host_of(normal);
  if (host.empty() || host.find('%') != std::string::npos) return std::nullopt;
  origin += host;
  const auto port = parse_port(std::string_view(normal.port().data(), normal.port().size()));
  if (!port) return std::nullopt;
  if (!normal.port().empty() && *port != (https ? kHttpsPort : kHttpPort)) {
    origin += ":" + std::to_string(*port);
  }
  if (origin.size() > kRpBytesMax) return std::nullopt;
  return origin;
}

}  // namespace kpi::server
