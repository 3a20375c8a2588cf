// What a PostgreSQL client sends (protocol 3.0): bytes -> messages. No sockets, no state; views
// into the given bytes. Trusts nothing: every length is checked against its limit and its packet.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kpi/limits.h"
#include "kpi/result.h"

namespace kpi::server::pgwire {

inline constexpr std::size_t kStartupPacketBytesMax = 10'000;  // As PostgreSQL has it.
inline constexpr std::size_t kStartupParametersMax = 64;
inline constexpr std::size_t kFrontendMessageBytesMax = 4 * kStatementBytesMax;

struct SslRequest {};
struct GssEncRequest {};
struct CancelRequest {
  std::uint32_t process_id = 0, secret_key = 0;
};
struct StartupMessage {
  std::uint16_t minor_version = 0;  // Of protocol 3; above 0 is negotiated down.
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  // user, database, ...
  std::string_view parameter(std::string_view name) const;                // Empty: not given.
};
using StartupPacket = std::variant<SslRequest, GssEncRequest, CancelRequest, StartupMessage>;

// The size of the packet or message that `bytes` begin with; nothing while its header is
// incomplete. kInvalidArgument: a length that cannot be. kLimitExceeded: above the limit.
Result<std::optional<std::size_t>> startup_packet_size(std::string_view bytes);
Result<std::optional<std::size_t>> message_size(std::string_view bytes);

// `packet`: exactly one whole packet, header included. kInvalidArgument: malformed.
// kUnsupported: a protocol version other than 3.x.
Result<StartupPacket> decode_startup(std::string_view packet);

struct FrontendMessage {
  enum class Kind : std::uint8_t {
    kQuery,  // `text` is to be run.
    kTerminate,
    kSync,  // Ends a failed batch of extended-protocol messages.
    kFlush,
    kExtended,  // Parse, Bind, Describe, Execute, Close: `body` (frontend_extended.h).
    kCopyData,  // Left-overs of COPY and passwords nobody asked for: to be ignored or refused.
    kOther,
  };
  Kind kind = Kind::kOther;
  char type = 0;               // The message's type byte, for error texts.
  std::string_view text = {};  // Of a kQuery, without its terminator.
  std::string_view body = {};  // What follows type and length.
};
Result<FrontendMessage> decode_message(std::string_view message);

}  // namespace kpi::server::pgwire
