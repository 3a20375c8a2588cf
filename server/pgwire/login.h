// From the startup message to a known user: what the server asks for, and what it makes of the
// answers. Messages in, messages out; no sockets. Not thread-safe.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/auth/gate.h"

namespace kpi::server::pgwire {

// How a client came in.
struct Visitor {
  auth::Entrance entrance = auth::Entrance::kLoopback;
  auth::Peer peer;        // Of a Unix socket.
  bool secure = false;    // TLS.
  std::string end_point;  // Of the certificate; empty: nothing to bind to.
};

struct LoginRules {
  const auth::Gate* gate = nullptr;  // nullptr: no users. Outlives the login.
  bool tls_required = false;         // Except on Unix sockets.
};

class Login {
 public:
  // `user`: the name asked for.
  Login(const LoginRules& rules, Visitor visitor, std::string user);

  enum class State : std::uint8_t { kWaiting, kAdmitted, kRefused };
  // Appends what the client is asked; nothing where it is admitted at once.
  State begin(std::string& out);
  // `message`: one whole message, header included. After kWaiting.
  State on_message(std::string_view message, std::string& out);

  const auth::Principal& principal() const { return *principal_; }  // After kAdmitted.
  // After kRefused.
  const Error& error() const { return error_; }
  std::string_view sqlstate() const { return sqlstate_; }

 private:
  State admit(auth::Principal principal);
  State refuse(std::string_view sqlstate, Error error);
  State refuse(const Error& error);
  State ask_password(std::string& out);
  State on_first(std::string_view body, std::string& out);
  State on_final(std::string_view body, std::string& out);
  bool binds() const { return visitor_.secure && !visitor_.end_point.empty(); }

  const LoginRules rules_;
  const Visitor visitor_;
  const std::string user_;
  std::optional<auth::ScramServer> scram_;  // From the first message on.
  std::optional<auth::Principal> principal_;
  Error error_;
  std::string_view sqlstate_;
};

// The size of a login message that `bytes` begin with; nothing while its header is incomplete.
// kInvalidArgument, and kLimitExceeded: longer than anything that is asked for.
Result<std::optional<std::size_t>> login_message_size(std::string_view bytes);

}  // namespace kpi::server::pgwire
