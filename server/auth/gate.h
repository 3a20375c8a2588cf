// Who may ask: the users in force, and what is asked of whom. One for the whole server.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/auth/access_rule.h"
#include "server/auth/password_check.h"
#include "server/auth/scram.h"
#include "server/auth/users_text.h"

namespace kpi::auth {

// Who is at the other end of a Unix socket, as the kernel says.
struct Peer {
  bool is_server_or_root = false;
  std::string system_user;  // Of others; empty: a user id without a name.
};

// Thread-safe.
class Gate {
 public:
  // Empty path: no users. Errors as load_users().
  static Result<std::unique_ptr<Gate>> open(std::string users_path);

  bool has_users() const { return !path_.empty(); }
  // Reads the file again. On error the old users stay.
  Status reload();

  // Nothing: a password is needed.
  std::optional<Principal> admit_peer(const Peer& peer, std::string_view name) const;
  // A conversation for `name`; where there is no such user, one that looks like any other and
  // fails.
  ScramServer begin_scram(std::string_view name, bool plus, std::string_view end_point) const;
  // nullopt: no such user any more.
  std::optional<Role> role_of(std::string_view name) const;
  // Nothing: it was not right before, or that is forgotten. Quick.
  std::optional<Principal> recall_password(std::string_view name, std::string_view password) const;
  // Errors as PasswordCheck::check().
  Result<Principal> check_password(std::string_view name, std::string_view password);
  std::uint64_t derivations() const { return passwords_.derivations(); }

 private:
  Gate(std::string path, std::shared_ptr<const Users> users);
  std::shared_ptr<const Users> users() const;
  Verifier stand_in(std::string_view name) const;

  const std::string path_;
  const std::string secret_;  // Of salts for users that are not there.
  mutable std::mutex mutex_;
  std::shared_ptr<const Users> users_;
  mutable PasswordCheck passwords_;
};

}  // namespace kpi::auth
