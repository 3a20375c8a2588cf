// Who asks over HTTP, for what is answered from the store: nobody in particular, or Basic (RFC
// 7617).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/auth/gate.h"
#include "server/http/problem.h"

namespace kpi::server {

struct Credentials {
  std::string user, password;
};
// Nothing: another scheme, or malformed.
std::optional<Credentials> parse_basic(std::string_view authorization);

// What came of it: a refusal, or a role.
struct ReaderAccess {
  std::optional<Problem> refusal;
  auth::Role role = auth::Role::kReader;
  std::string user = {};  // Empty: nobody asked.
};

// Credentials: they have yet to be checked, which takes a derivation. `gate`: nullptr is no users.
std::variant<ReaderAccess, Credentials> look_at(const auth::Gate* gate, auth::Entrance entrance,
                                                std::string_view authorization);
ReaderAccess access_of(const Result<auth::Principal>& checked);

}  // namespace kpi::server
