#include "server/auth/gate.h"

#include "server/auth/base64.h"
#include "server/auth/users_file.h"

namespace kpi::auth {

Gate::Gate(std::string path, std::shared_ptr<const Users> users)
    : path_(std::move(path)), secret_(random_bytes(kDigestBytes)), users_(std::move(users)) {}

Result<std::unique_ptr<Gate>> Gate::open(std::string users_path) {
  auto users = std::make_shared<Users>();
  if (!users_path.empty()) {
    auto loaded = load_users(users_path);
    if (!loaded.ok()) return std::move(loaded).error();
    *users = std::move(loaded).value();
  }
  return std::unique_ptr<Gate>(new Gate(std::move(users_path), std::move(users)));
}

Status Gate::reload() {
  if (!has_users()) return ok_status();
  auto loaded = load_users(path_);
  if (!loaded.ok()) return std::move(loaded).error();
  auto users = std::make_shared<const Users>(std::move(loaded).value());
  const std::lock_guard lock(mutex_);
  users_ = std::move(users);
  return ok_status();
}

std::shared_ptr<const Users> Gate::users() const {
  const std::lock_guard lock(mutex_);
  return users_;
}

std::optional<Principal> Gate::admit_peer(const Peer& peer, std::string_view name) const {
  if (peer.is_server_or_root) return Principal{std::string(name), Role::kAdmin};
  const auto in_force = users();
  const User* const user = in_force->find(name);
  if (user == nullptr || peer.system_user.empty()) return std::nullopt;
  const bool same =
      user->system_user.empty() ? peer.system_user == name : peer.system_user == user->system_user;
  if (!same) return std::nullopt;
  return Principal{std::string(name), user->role};
}

// Two askings for one name must not differ, or they would tell that the name is made up.
Verifier Gate::stand_in(std::string_view name) const {
  Verifier verifier;
  verifier.iterations = kIterationsMin;
  verifier.salt = std::string(bytes_of(hmac_sha256(secret_, name)).substr(0, kSaltBytes));
  return verifier;
}

ScramServer Gate::begin_scram(std::string_view name, bool plus, std::string_view end_point) const {
  const auto in_force = users();
  const User* const user = in_force->find(name);
  const bool known = user != nullptr && user->verifier;
  ScramServer::Setup setup;
  setup.verifier = known ? *user->verifier : stand_in(name);
  setup.known = known;
  setup.plus = plus;
  setup.plus_offered = !end_point.empty();
  setup.end_point = end_point;
  setup.nonce = to_base64(random_bytes(kScramNonceBytes));
  return ScramServer(std::move(setup));
}

std::optional<Role> Gate::role_of(std::string_view name) const {
  const auto in_force = users();
  const User* const user = in_force->find(name);
  if (user == nullptr) return std::nullopt;
  return user->role;
}

std::optional<Principal> Gate::recall_password(std::string_view name,
                                               std::string_view password) const {
  return passwords_.recall(users(), name, password);
}

Result<Principal> Gate::check_password(std::string_view name, std::string_view password) {
  if (password.size() > kPasswordBytesMax || name.size() > kUserNameBytesMax) {
    return Error{ErrorCode::kPermissionDenied, "the user or the password is wrong"};
  }
  return passwords_.check(users(), stand_in(name), name, password);
}

}  // namespace kpi::auth
