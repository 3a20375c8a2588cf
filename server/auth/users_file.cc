#include "server/auth/users_file.h"

#include "server/auth/secret_file.h"

namespace kpi::auth {
namespace {

SecretFile users_file(const std::string& path) { return {path, "users file", kUsersFileBytesMax}; }

}  // namespace

Result<std::string> read_users_file(const std::string& path) {
  return read_secret_file(users_file(path));
}

Result<Users> load_users(const std::string& path) {
  auto text = read_users_file(path);
  if (!text.ok()) return std::move(text).error();
  return parse_users(text.value(), path);
}

Status write_users_file(const std::string& path, const std::string& text) {
  return write_secret_file(users_file(path), text);
}

}  // namespace kpi::auth
