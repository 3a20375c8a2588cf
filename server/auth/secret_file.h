// Files of secrets (verifiers, keys) on disk: whoever reads one can pass for others.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "kpi/result.h"

namespace kpi::auth {

struct SecretFile {
  std::string path;
  std::string_view kind;  // What errors call it: `users file`.
  std::size_t bytes_max = 0;
};

// The text of the file. kIo: it cannot be read. kPermissionDenied: it is no ordinary file, or
// others than its owner and group may read it, or others than its owner may write it.
// kLimitExceeded.
Result<std::string> read_secret_file(const SecretFile& secret);
// Replaces the file at once: readers see the old text or the new one, also after a crash. A new
// file has mode 0600, an old one keeps its mode and owner. kIo.
Status write_secret_file(const SecretFile& secret, const std::string& text);

}  // namespace kpi::auth
