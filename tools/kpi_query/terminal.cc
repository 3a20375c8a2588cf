#include "tools/kpi_query/terminal.h"

#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tools/kpi_query/stop_signal.h"

namespace kpi::tools {
namespace {

bool whole = true;

winsize size_of_terminal() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

}  // namespace

bool is_terminal(int file) { return isatty(file) == 1; }
int terminal_columns() { return size_of_terminal().ws_col; }
int terminal_rows() { return size_of_terminal().ws_row; }

bool locale_is_utf8() {
  std::setlocale(LC_CTYPE, "");
  const char* const codeset = nl_langinfo(CODESET);
  if (std::strcmp(codeset, "UTF-8") == 0) return true;
  // Statements are UTF-8 all the same: a line editor that takes ASCII alone would drop the rest.
  if (std::strcmp(codeset, "ANSI_X3.4-1968") == 0) std::setlocale(LC_CTYPE, "C.UTF-8");
  return false;
}

bool wants_color(ColorMode mode, int file) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return is_terminal(file) && term != nullptr && std::strcmp(term, "dumb") != 0;
}

bool write_output(std::string_view text) {
  std::fflush(stdout);
  while (!text.empty()) {
    // A full pipe would hold a write and Ctrl-C with it; up to PIPE_BUF it takes when it says so.
    pollfd fds[2] = {{STDOUT_FILENO, POLLOUT, 0}, {StopSignal::fd(), POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return whole = false;
    if (StopSignal::requested()) return false;
    if (fds[0].revents == 0) continue;
    const ssize_t size =
        write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (size < 0 && errno != EINTR && errno != EAGAIN) return whole = false;
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool output_is_whole() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && whole; }

}  // namespace kpi::tools
