// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), without sockets:
// messages in, messages out. One conversation; not thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/auth/verifier.h"

namespace kpi::auth {

inline constexpr std::string_view kScramName = "SCRAM-SHA-256";
inline constexpr std::string_view kScramPlusName = "SCRAM-SHA-256-PLUS";
inline constexpr std::size_t kScramMessageBytesMax = 1024;  // As PostgreSQL has it.
inline constexpr std::size_t kScramNonceBytes = 18;

class ScramServer {
 public:
  struct Setup {
    Verifier verifier;
    bool known = true;  // False: the verifier is made up, and the conversation ends in vain.
    bool plus = false;  // The mechanism that the client chose.
    bool plus_offered = false;
    std::string end_point = {};  // What -PLUS is bound to: tls-server-end-point (RFC 5929).
    std::string nonce;           // Of the server: printable, without a comma.
  };
  explicit ScramServer(Setup setup) : setup_(std::move(setup)) {}

  // Client-first -> server-first. kInvalidArgument: malformed. kLimitExceeded: too long.
  Result<std::string> first(std::string_view message);
  // Client-final -> server-final. As above, and kPermissionDenied: not the password of this user,
  // or no such user: nothing tells the two apart.
  Result<std::string> final(std::string_view message);

 private:
  Status read_binding_flag(std::string_view& message);

  const Setup setup_;
  std::string header_;  // GS2 header of the first message, which the last one repeats.
  std::string first_bare_, server_first_, nonce_;
};

}  // namespace kpi::auth
