#include "server/auth/scram.h"

#include <algorithm>
#include <optional>

#include "server/auth/base64.h"

namespace kpi::auth {
namespace {

constexpr std::string_view kBinding = "p=tls-server-end-point,";

Error malformed(std::string what) {
  return {ErrorCode::kInvalidArgument, "malformed SCRAM message: " + std::move(what)};
}

Status check_size(std::string_view message) {
  if (message.size() <= kScramMessageBytesMax) return ok_status();
  return Error{ErrorCode::kLimitExceeded,
               "a SCRAM message has at most " + std::to_string(kScramMessageBytesMax) + " bytes"};
}

// The value of attribute `name` at the front, taken off with the comma behind it.
std::optional<std::string_view> take_attribute(std::string_view& message, char name) {
  if (message.size() < 2 || message[0] != name || message[1] != '=') return std::nullopt;
  const std::size_t end = std::min(message.find(','), message.size());
  const std::string_view value = message.substr(2, end - 2);
  message.remove_prefix(std::min(end + 1, message.size()));
  return value;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E; });
}

bool is_proof(const Verifier& verifier, std::string_view proof, std::string_view auth_message) {
  const Digest signature = hmac_sha256(bytes_of(verifier.stored_key), auth_message);
  Digest client_key{};
  for (std::size_t i = 0; i < kDigestBytes; ++i) {
    client_key[i] = static_cast<unsigned char>(static_cast<unsigned char>(proof[i]) ^ signature[i]);
  }
  return equal_secrets(sha256(bytes_of(client_key)), verifier.stored_key);
}

}  // namespace

// n: the client cannot bind. y: it can, but believes that we cannot. p: it does.
Status ScramServer::read_binding_flag(std::string_view& message) {
  if (setup_.plus) {
    if (message.substr(0, kBinding.size()) != kBinding) {
      return malformed("SCRAM-SHA-256-PLUS binds to tls-server-end-point");
    }
    message.remove_prefix(kBinding.size());
    return ok_status();
  }
  const std::string_view flag = message.substr(0, 2);
  if (flag == "y," && setup_.plus_offered) {
    return malformed("the client believes that channel binding was not offered, but it was");
  }
  if (flag != "n," && flag != "y,") return malformed("a channel binding flag n or y is expected");
  message.remove_prefix(2);
  return ok_status();
}

Result<std::string> ScramServer::first(std::string_view message) {
  if (Status status = check_size(message); !status.ok()) return std::move(status).error();
  const std::string_view whole = message;
  if (Status status = read_binding_flag(message); !status.ok()) return std::move(status).error();
  if (message.empty() || message.front() != ',') {
    return malformed("authorization as another user is not supported");
  }
  message.remove_prefix(1);
  header_ = whole.substr(0, whole.size() - message.size());
  first_bare_ = message;
  if (!take_attribute(message, 'n')) return malformed("attribute n is expected");
  const auto nonce = take_attribute(message, 'r');
  if (!nonce || nonce->empty() || !is_printable(*nonce)) {
    return malformed("attribute r with a nonce is expected");
  }
  nonce_ = std::string(*nonce) + setup_.nonce;
  server_first_ = "r=" + nonce_ + ",s=" + to_base64(setup_.verifier.salt) +
                  ",i=" + std::to_string(setup_.verifier.iterations);
  return server_first_;
}

Result<std::string> ScramServer::final(std::string_view message) {
  if (Status status = check_size(message); !status.ok()) return std::move(status).error();
  const std::size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return malformed("attribute p is expected at the end");
  const auto proof = from_base64(message.substr(proof_at + 3));
  if (!proof || proof->size() != kDigestBytes) return malformed("the proof is base64 of 32 bytes");
  const std::string_view without_proof = message.substr(0, proof_at);
  std::string_view rest = without_proof;
  const auto binding = take_attribute(rest, 'c');
  if (!binding) return malformed("attribute c is expected");
  if (*binding != to_base64(header_ + (setup_.plus ? setup_.end_point : std::string()))) {
    return malformed("the channel binding does not match");
  }
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || *nonce != nonce_) return malformed("the nonce does not match");
  const std::string auth_message =
      first_bare_ + ',' + server_first_ + ',' + std::string(without_proof);
  const bool proved = is_proof(setup_.verifier, *proof, auth_message);
  if (!proved || !setup_.known) {
    return Error{ErrorCode::kPermissionDenied, "password authentication failed"};
  }
  return "v=" +
         to_base64(bytes_of(hmac_sha256(bytes_of(setup_.verifier.server_key), auth_message)));
}

}  // namespace kpi::auth
