#include "tools/prompt/quiet_terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace kpi::tools {
namespace {

constexpr char kControlC = 3, kControlD = 4, kBackspace = 8, kControlU = 21, kDelete = 127;

void edit(std::string& line, char c) {
  if (c == kControlU) {
    line.clear();
  } else if (c != kBackspace && c != kDelete) {
    if (line.size() < kSecretBytesMax) line += c;
  } else if (!line.empty()) {
    line.pop_back();
  }
}

}  // namespace

// Signals off as well: Ctrl-C is read, so that the echo is on again whatever happens.
QuietTerminal::QuietTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
  if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
  struct termios quiet = before_;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
  quiet.c_cc[VMIN] = 1;
  quiet.c_cc[VTIME] = 0;
  quiet_ = ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
}

QuietTerminal::~QuietTerminal() {
  if (quiet_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string> QuietTerminal::ask(const std::string& prompt) {
  say(prompt);
  std::string line;
  for (char c = 0;;) {
    const ssize_t n = ::read(descriptor_, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    const bool gone = n <= 0 || c == kControlC || (c == kControlD && line.empty());
    if (gone || c == '\n' || c == '\r') {
      say("\n");
      if (gone) return std::nullopt;
      return line;
    }
    edit(line, c);
  }
}

void QuietTerminal::say(const std::string& text) {
  if (::write(descriptor_, text.data(), text.size()) < 0) return;  // Then nobody looks.
}

}  // namespace kpi::tools
