// The users file: one user a line, `NAME ROLE VERIFIER`, blanks between, `#` begins a comment line.
//   dashboard reader SCRAM-SHA-256$4096:...   a password
//   alice     admin  peer                     the system's user alice, on a Unix socket
//   report    reader peer:www-data            the system's user www-data, who asks as report
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/auth/principal.h"
#include "server/auth/verifier.h"

namespace kpi::auth {

inline constexpr std::size_t kUsersMax = 10'000;
inline constexpr std::size_t kUsersLineBytesMax = 1024;
inline constexpr std::size_t kUsersFileBytesMax = 4U << 20;
inline constexpr std::size_t kUserNameBytesMax = 63;  // At least 1; as PostgreSQL has it.

struct User {
  Role role = Role::kReader;
  std::optional<Verifier> verifier;  // Nothing: by peer credentials only.
  std::string system_user;           // Who may log in without a password; empty: by password only.
  friend bool operator==(const User&, const User&) = default;
};

struct Users {
  std::map<std::string, User, std::less<>> by_name;
  const User* find(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : &found->second;
  }
};

// Letters, digits and ._@+-, the first one a letter, a digit or _. kInvalidArgument,
// kLimitExceeded.
Status check_user_name(std::string_view name);

// `source` stands in front of the line number in errors: the file's name. No error repeats a
// verifier. kInvalidArgument, or kLimitExceeded beyond the limits above.
Result<Users> parse_users(std::string_view text, std::string_view source);
// The line of one user, without a line end.
std::string user_line(std::string_view name, const User& user);
// The name that a line begins with; empty for comments and blank lines.
std::string_view name_of_line(std::string_view line);

}  // namespace kpi::auth
