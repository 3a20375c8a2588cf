// Changes to a users file: comments and the order of lines stay.
#pragma once
#include <string>
#include <string_view>

#include "kpi/result.h"
#include "server/auth/users_text.h"

namespace kpi::tools {

// Text -> text; both must be valid users files. Errors leave the file alone.
// kInvalidArgument: the user is there already, and not to be replaced.
Result<std::string> with_user(const std::string& text, std::string_view name,
                              const auth::User& user, bool replace);
// kNotFound: there is no such user.
Result<std::string> without_user(const std::string& text, std::string_view name);

// The file under a lock, so that of two changes at a time none is lost. A file that is not there is
// an empty one if `create`.
class UsersFile {
 public:
  static Result<UsersFile> open(const std::string& path, bool create);
  UsersFile(UsersFile&& other) noexcept;
  UsersFile(const UsersFile&) = delete;
  UsersFile& operator=(const UsersFile&) = delete;
  ~UsersFile();

  const std::string& text() const { return text_; }
  Status replace(const std::string& text);

 private:
  UsersFile(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_, text_;
  int lock_ = -1;  // The directory, held locked.
};

}  // namespace kpi::tools
