#include "server/auth/users_text.h"

#include <algorithm>
#include <vector>

namespace kpi::auth {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kPeer = "peer";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

Status read_credential(std::string_view name, std::string_view word, User& user) {
  if (word == kPeer) {
    user.system_user = name;
    return ok_status();
  }
  if (word.substr(0, kPeer.size() + 1) == "peer:") {
    user.system_user = word.substr(kPeer.size() + 1);
    return check_user_name(user.system_user);
  }
  auto verifier = parse_verifier(word);
  if (!verifier.ok()) return std::move(verifier).error();
  user.verifier = std::move(verifier).value();
  return ok_status();
}

Status read_line(std::string_view line, Users& users) {
  if (line.size() > kUsersLineBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "a line has at most " + std::to_string(kUsersLineBytesMax) + " bytes"};
  }
  if (name_of_line(line).empty()) return ok_status();
  const auto words = words_of(line);
  if (words.size() != 3) {
    return Error{ErrorCode::kInvalidArgument,
                 "a user is NAME ROLE VERIFIER, not " + std::to_string(words.size()) + " words"};
  }
  if (Status status = check_user_name(words[0]); !status.ok()) return status;
  const auto role = parse_role(words[1]);
  if (!role) return Error{ErrorCode::kInvalidArgument, "the role is reader or admin"};
  User user;
  user.role = *role;
  if (Status status = read_credential(words[0], words[2], user); !status.ok()) return status;
  if (users.by_name.size() == kUsersMax) {
    return Error{ErrorCode::kLimitExceeded, "at most " + std::to_string(kUsersMax) + " users"};
  }
  if (!users.by_name.emplace(words[0], std::move(user)).second) {
    return Error{ErrorCode::kInvalidArgument,
                 "user '" + std::string(words[0]) + "' is there twice"};
  }
  return ok_status();
}

}  // namespace

std::string_view to_string(Role role) { return role == Role::kAdmin ? "admin" : "reader"; }

std::optional<Role> parse_role(std::string_view text) {
  if (text == "admin") return Role::kAdmin;
  if (text == "reader") return Role::kReader;
  return std::nullopt;
}

Status check_user_name(std::string_view name) {
  if (name.size() > kUserNameBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "a user name has at most " + std::to_string(kUserNameBytesMax) + " bytes"};
  }
  const bool allowed =
      !name.empty() && is_word(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
        return is_word(c) || std::string_view("._@+-").find(c) != std::string_view::npos;
      });
  if (allowed) return ok_status();
  return Error{ErrorCode::kInvalidArgument,
               "a user name is letters, digits and ._@+-, the first one a letter, a digit or _"};
}

std::string_view name_of_line(std::string_view line) {
  const auto words = words_of(line.substr(0, kUsersLineBytesMax));
  return words.empty() || words.front().front() == '#' ? std::string_view() : words.front();
}

Result<Users> parse_users(std::string_view text, std::string_view source) {
  if (text.size() > kUsersFileBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 std::string(source) + ": a users file has at most 4 MiB"};
  }
  Users users;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (Status status = read_line(text.substr(0, end), users); !status.ok()) {
      const Error& error = status.error();
      return Error{error.code,
                   std::string(source) + ":" + std::to_string(number) + ": " + error.message,
                   error.hint};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return users;
}

std::string user_line(std::string_view name, const User& user) {
  std::string line = std::string(name) + ' ' + std::string(to_string(user.role)) + ' ';
  if (user.verifier) return line + verifier_text(*user.verifier);
  return line + (user.system_user == name ? std::string(kPeer) : "peer:" + user.system_user);
}

}  // namespace kpi::auth
