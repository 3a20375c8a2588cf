#include "server/http/reader_access.h"

#include <algorithm>

#include "server/auth/base64.h"

namespace kpi::server {
namespace {

constexpr std::string_view kBasic = "basic ";

Problem unauthorized() {
  return {401, "unauthorized", "a user and a password are needed",
          "WWW-Authenticate: Basic realm=\"kpistore\", charset=\"UTF-8\"\r\n"};
}

Problem no_users() {
  return {403,
          "no-users",
          "this address is reachable from other machines, and no users are configured",
          {},
          "set option users (kpi-admin user add), or ask at a loopback address or a Unix socket"};
}

}  // namespace

std::optional<Credentials> parse_basic(std::string_view authorization) {
  const bool basic = authorization.size() > kBasic.size() &&
                     std::equal(kBasic.begin(), kBasic.end(), authorization.begin(),
                                [](char a, char b) { return a == b || a == (b | 0x20); });
  if (!basic) return std::nullopt;
  authorization.remove_prefix(kBasic.size());
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  auto text = auth::from_base64(authorization);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos || text->find('\0') != std::string::npos) return std::nullopt;
  Credentials credentials{text->substr(0, colon), text->substr(colon + 1)};
  auth::wipe(*text);
  return credentials;
}

std::variant<ReaderAccess, Credentials> look_at(const auth::Gate* gate, auth::Entrance entrance,
                                                std::string_view authorization) {
  const bool users = gate != nullptr && gate->has_users();
  const auth::Proof proof = auth::http_proof(entrance, users);
  if (proof == auth::Proof::kNone) return ReaderAccess{std::nullopt, auth::Role::kAdmin};
  if (proof != auth::Proof::kPassword) return ReaderAccess{no_users()};
  auto credentials = parse_basic(authorization);
  if (!credentials) return ReaderAccess{unauthorized()};
  if (const auto known = gate->recall_password(credentials->user, credentials->password)) {
    return ReaderAccess{std::nullopt, known->role, known->name};
  }
  return std::move(*credentials);
}

ReaderAccess access_of(const Result<auth::Principal>& checked) {
  if (checked.ok()) return {std::nullopt, checked.value().role, checked.value().name};
  if (checked.error().code == ErrorCode::kUnavailable) {
    return {overloaded(checked.error().message)};
  }
  return {unauthorized()};
}

}  // namespace kpi::server
