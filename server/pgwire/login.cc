#include "server/pgwire/login.h"

#include "kpi/assert.h"
#include "server/pgwire/sqlstate.h"

namespace kpi::server::pgwire {
namespace {

constexpr std::size_t kHeaderBytes = 5;
constexpr std::size_t kLoginMessageBytesMax = kHeaderBytes + 64 + auth::kScramMessageBytesMax;
constexpr char kPasswordMessage = 'p';
// Of AuthenticationSASL, AuthenticationSASLContinue, AuthenticationSASLFinal.
enum class Ask : std::uint8_t { kSasl = 10, kSaslContinue = 11, kSaslFinal = 12 };

void append_u32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xFF);
}

void append_ask(std::string& out, Ask ask, std::string_view data) {
  out += 'R';
  append_u32(out, 8 + data.size());
  append_u32(out, static_cast<std::size_t>(ask));
  out += data;
}

std::size_t read_u32(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

Error malformed(std::string what) {
  return {ErrorCode::kInvalidArgument, "malformed login: " + std::move(what)};
}

}  // namespace

Result<std::optional<std::size_t>> login_message_size(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::optional<std::size_t>();
  const std::size_t size = read_u32(bytes.substr(1)) + 1;
  if (size < kHeaderBytes) return malformed("invalid length of message");
  if (size > kLoginMessageBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "a login message has at most " + std::to_string(kLoginMessageBytesMax) + " bytes"};
  }
  return std::optional(size);
}

Login::Login(const LoginRules& rules, Visitor visitor, std::string user)
    : rules_(rules), visitor_(std::move(visitor)), user_(std::move(user)) {}

Login::State Login::begin(std::string& out) {
  if (rules_.tls_required && !visitor_.secure && visitor_.entrance != auth::Entrance::kUnixSocket) {
    return refuse(kInvalidAuthorization,
                  {ErrorCode::kPermissionDenied, "connections without TLS are not accepted",
                   "connect with sslmode=require or verify-full"});
  }
  const bool users = rules_.gate != nullptr && rules_.gate->has_users();
  switch (auth::query_socket_proof(visitor_.entrance, users)) {
    case auth::Proof::kNone:
      return admit({user_, auth::Role::kAdmin});
    case auth::Proof::kPeer:
      if (auto principal = rules_.gate->admit_peer(visitor_.peer, user_)) {
        return admit(std::move(*principal));
      }
      return ask_password(out);
    case auth::Proof::kPassword:
      return ask_password(out);
    case auth::Proof::kRefused:
      break;
  }
  return refuse(
      kInvalidAuthorization,
      {ErrorCode::kPermissionDenied, "no users are configured, and this is no loopback address"});
}

Login::State Login::ask_password(std::string& out) {
  std::string mechanisms;
  if (binds()) mechanisms.append(auth::kScramPlusName) += '\0';
  mechanisms.append(auth::kScramName) += '\0';
  mechanisms += '\0';
  append_ask(out, Ask::kSasl, mechanisms);
  return State::kWaiting;
}

Login::State Login::on_message(std::string_view message, std::string& out) {
  KPI_ASSERT(message.size() >= kHeaderBytes && !principal_);
  if (message.front() != kPasswordMessage) return refuse(malformed("a SASL message is expected"));
  const std::string_view body = message.substr(kHeaderBytes);
  return scram_ ? on_final(body, out) : on_first(body, out);
}

// Mechanism, zero byte, length of what follows, client-first.
Login::State Login::on_first(std::string_view body, std::string& out) {
  const std::size_t end = body.find('\0');
  if (end == std::string_view::npos || body.size() < end + 5) {
    return refuse(malformed("a mechanism and its first message are expected"));
  }
  const std::string_view mechanism = body.substr(0, end);
  const bool plus = mechanism == auth::kScramPlusName && binds();
  if (!plus && mechanism != auth::kScramName) {
    return refuse(malformed("a SASL mechanism that was not offered"));
  }
  const std::size_t size = read_u32(body.substr(end + 1));
  body.remove_prefix(end + 5);
  if (size != body.size()) return refuse(malformed("invalid length of the first SASL message"));
  scram_.emplace(rules_.gate->begin_scram(user_, plus, binds() ? visitor_.end_point : ""));
  const auto answer = scram_->first(body);
  if (!answer.ok()) return refuse(answer.error());
  append_ask(out, Ask::kSaslContinue, answer.value());
  return State::kWaiting;
}

Login::State Login::on_final(std::string_view body, std::string& out) {
  const auto answer = scram_->final(body);
  if (!answer.ok()) return refuse(answer.error());
  const auto role = rules_.gate->role_of(user_);
  if (!role) return refuse(Error{ErrorCode::kPermissionDenied, "the user was removed"});
  append_ask(out, Ask::kSaslFinal, answer.value());
  return admit({user_, *role});
}

Login::State Login::admit(auth::Principal principal) {
  principal_ = std::move(principal);
  return State::kAdmitted;
}

Login::State Login::refuse(std::string_view sqlstate, Error error) {
  sqlstate_ = sqlstate;
  error_ = std::move(error);
  return State::kRefused;
}

Login::State Login::refuse(const Error& error) {
  if (error.code == ErrorCode::kPermissionDenied) {
    return refuse(kInvalidPassword,
                  {error.code, "password authentication failed for user \"" + user_ + "\""});
  }
  return refuse(
      error.code == ErrorCode::kLimitExceeded ? kProgramLimitExceeded : kProtocolViolation, error);
}

}  // namespace kpi::server::pgwire
