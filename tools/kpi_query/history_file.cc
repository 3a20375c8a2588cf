#include "tools/kpi_query/history_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace kpi::tools {

std::string prepare_history_file() {
  std::filesystem::path dir;
  const char* const state = std::getenv("XDG_STATE_HOME");
  const char* const home = std::getenv("HOME");
  if (state != nullptr && *state == '/') {
    dir = state;
  } else if (home != nullptr && *home == '/') {
    dir = std::filesystem::path(home) / ".local" / "state";
  } else {
    return {};
  }
  dir /= "kpi-query";
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  const std::string path = (dir / "history").string();
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return {};
  // Statements name clients and RPs: nobody else's business, also where the file is older.
  const bool closed_to_others = fchmod(file, 0600) == 0;
  close(file);
  return closed_to_others ? path : std::string();
}

}  // namespace kpi::tools
