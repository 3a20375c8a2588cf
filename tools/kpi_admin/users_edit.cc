#include "tools/kpi_admin/users_edit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "server/auth/users_file.h"

namespace kpi::tools {
namespace {

// Every line but that of `name`; in its place `line`, at the end where there was none.
std::string replace_line(std::string_view text, std::string_view name, std::string_view line) {
  std::string out;
  bool placed = line.empty();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view old = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_it = auth::name_of_line(old) == name;
    if (is_it && placed) continue;
    out.append(is_it ? line : old) += '\n';
    placed = placed || is_it;
  }
  if (!placed) out.append(line) += '\n';
  return out;
}

}  // namespace

Result<std::string> with_user(const std::string& text, std::string_view name,
                              const auth::User& user, bool replace) {
  if (Status status = auth::check_user_name(name); !status.ok()) return std::move(status).error();
  const auto users = auth::parse_users(text, "line");
  if (!users.ok()) return users.error();
  if (!replace && users.value().find(name) != nullptr) {
    return Error{ErrorCode::kInvalidArgument, "user '" + std::string(name) + "' is there already",
                 "--replace changes role and password"};
  }
  std::string changed = replace_line(text, name, auth::user_line(name, user));
  if (const auto valid = auth::parse_users(changed, "line"); !valid.ok()) return valid.error();
  return changed;
}

Result<std::string> without_user(const std::string& text, std::string_view name) {
  const auto users = auth::parse_users(text, "line");
  if (!users.ok()) return users.error();
  if (users.value().find(name) == nullptr) {
    return Error{ErrorCode::kNotFound, "there is no user '" + std::string(name) + "'"};
  }
  return replace_line(text, name, {});
}

Result<UsersFile> UsersFile::open(const std::string& path, bool create) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const std::string directory = parent.empty() ? "." : parent;
  UsersFile file(path, ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.lock_ < 0 || ::flock(file.lock_, LOCK_EX) != 0) {
    return Error{ErrorCode::kIo, "directory '" + directory + "': " + std::strerror(errno)};
  }
  std::error_code ignored;
  if (create && !std::filesystem::exists(path, ignored)) return file;
  auto text = auth::read_users_file(path);
  if (!text.ok()) return std::move(text).error();
  if (const auto users = auth::parse_users(text.value(), path); !users.ok()) return users.error();
  file.text_ = std::move(text).value();
  return file;
}

UsersFile::UsersFile(UsersFile&& other) noexcept
    : path_(std::move(other.path_)),
      text_(std::move(other.text_)),
      lock_(std::exchange(other.lock_, -1)) {}

UsersFile::~UsersFile() {
  if (lock_ >= 0) ::close(lock_);
}

Status UsersFile::replace(const std::string& text) { return auth::write_users_file(path_, text); }

}  // namespace kpi::tools
