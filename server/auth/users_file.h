// The users file on disk. Verifiers are secrets: whoever reads one can try passwords at leisure.
#pragma once
#include <string>

#include "kpi/result.h"
#include "server/auth/users_text.h"

namespace kpi::auth {

// The text of the file. kIo: it cannot be read. kPermissionDenied: it is no ordinary file, or
// others than its owner and group may read it, or others than its owner may write it.
// kLimitExceeded.
Result<std::string> read_users_file(const std::string& path);
Result<Users> load_users(const std::string& path);
// Replaces the file at once: readers see the old text or the new one, also after a crash. A new
// file has mode 0600, an old one keeps its mode and owner. kIo.
Status write_users_file(const std::string& path, const std::string& text);

}  // namespace kpi::auth
