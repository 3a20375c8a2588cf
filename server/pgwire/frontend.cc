#include "server/pgwire/frontend.h"

namespace kpi::server::pgwire {
namespace {

constexpr std::size_t kLengthBytes = 4, kHeaderBytes = 1 + kLengthBytes;
constexpr std::size_t kStartupBytesMin = 8, kCancelBytes = 16;
// Protocol "versions" that are requests of their own.
constexpr std::uint32_t kCancelCode = 80'877'102, kSslCode = 80'877'103, kGssEncCode = 80'877'104;

std::uint32_t read_u32(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = (value << 8) | static_cast<unsigned char>(bytes[offset + i]);
  }
  return value;
}

Error malformed(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Error too_long(const char* what, std::size_t size, std::size_t limit) {
  return {ErrorCode::kLimitExceeded, std::string(what) + " of " + std::to_string(size) +
                                         " bytes; at most " + std::to_string(limit) +
                                         " are accepted"};
}

// Takes a zero-terminated string off the front; nothing where the terminator is missing.
std::optional<std::string_view> take_string(std::string_view& bytes) {
  const std::size_t end = bytes.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return text;
}

Result<StartupPacket> decode_parameters(std::uint16_t minor_version, std::string_view rest) {
  StartupMessage startup;
  startup.minor_version = minor_version;
  for (;;) {
    const auto name = take_string(rest);
    if (!name) return malformed("startup packet without a terminator");
    if (name->empty()) break;
    const auto value = take_string(rest);
    if (!value) return malformed("startup parameter without a value");
    if (startup.parameters.size() == kStartupParametersMax) {
      return Error{ErrorCode::kLimitExceeded,
                   "too many startup parameters; at most " + std::to_string(kStartupParametersMax)};
    }
    startup.parameters.emplace_back(*name, *value);
  }
  if (!rest.empty()) return malformed("bytes behind the end of the startup packet");
  return StartupPacket(std::move(startup));
}

FrontendMessage::Kind kind_of(char type) {
  switch (type) {
    case 'Q':
      return FrontendMessage::Kind::kQuery;
    case 'X':
      return FrontendMessage::Kind::kTerminate;
    case 'S':
      return FrontendMessage::Kind::kSync;
    case 'H':
      return FrontendMessage::Kind::kFlush;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
      return FrontendMessage::Kind::kExtended;
    case 'd':
    case 'c':
    case 'f':
      return FrontendMessage::Kind::kCopyData;
    default:
      return FrontendMessage::Kind::kOther;
  }
}

}  // namespace

std::string_view StartupMessage::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

Result<std::optional<std::size_t>> startup_packet_size(std::string_view bytes) {
  if (bytes.size() < kLengthBytes) return std::optional<std::size_t>();
  const std::size_t size = read_u32(bytes, 0);
  if (size < kStartupBytesMin) return malformed("invalid length of startup packet");
  if (size > kStartupPacketBytesMax) {
    return too_long("startup packet", size, kStartupPacketBytesMax);
  }
  return std::optional(size);
}

Result<std::optional<std::size_t>> message_size(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::optional<std::size_t>();
  const std::size_t length = read_u32(bytes, 1);
  if (length < kLengthBytes) return malformed("invalid length of message");
  if (length + 1 > kFrontendMessageBytesMax) {
    return too_long("message", length + 1, kFrontendMessageBytesMax);
  }
  return std::optional(length + 1);
}

Result<StartupPacket> decode_startup(std::string_view packet) {
  if (packet.size() < kStartupBytesMin || read_u32(packet, 0) != packet.size()) {
    return malformed("invalid length of startup packet");
  }
  const std::uint32_t version = read_u32(packet, 4);
  if (version == kSslCode || version == kGssEncCode) {
    if (packet.size() != kStartupBytesMin) return malformed("invalid length of request");
    return version == kSslCode ? StartupPacket(SslRequest{}) : StartupPacket(GssEncRequest{});
  }
  if (version == kCancelCode) {
    if (packet.size() != kCancelBytes) return malformed("invalid length of cancel request");
    return StartupPacket(CancelRequest{read_u32(packet, 8), read_u32(packet, 12)});
  }
  if (version >> 16 != 3) {
    return Error{ErrorCode::kUnsupported,
                 "unsupported frontend protocol " + std::to_string(version >> 16) + "." +
                     std::to_string(version & 0xFFFF) + ": the server speaks 3.0"};
  }
  return decode_parameters(static_cast<std::uint16_t>(version & 0xFFFF),
                           packet.substr(kStartupBytesMin));
}

Result<FrontendMessage> decode_message(std::string_view message) {
  if (message.size() < kHeaderBytes || read_u32(message, 1) + 1ULL != message.size()) {
    return malformed("invalid length of message");
  }
  FrontendMessage decoded{kind_of(message[0]), message[0]};
  decoded.body = message.substr(kHeaderBytes);
  if (decoded.kind != FrontendMessage::Kind::kQuery) return decoded;
  std::string_view body = decoded.body;
  const auto text = take_string(body);
  if (!text || !body.empty()) return malformed("query text without a terminator at its end");
  decoded.text = *text;
  return decoded;
}

}  // namespace kpi::server::pgwire
