#include "tools/kpi_admin/password_prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "server/auth/verifier.h"

namespace kpi::tools {
namespace {

constexpr char kControlC = 3, kControlD = 4, kBackspace = 8, kControlU = 21, kDelete = 127;

Status check_password(const std::string& password) {
  const auto wrong = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
  };
  if (password.empty()) return wrong("the password is empty");
  if (password.size() > auth::kPasswordBytesMax) {
    return wrong("a password has at most " + std::to_string(auth::kPasswordBytesMax) + " bytes");
  }
  if (password.find('\0') != std::string::npos) return wrong("a password has no zero bytes");
  return ok_status();
}

// The terminal without echo, byte by byte; as it was when this ends.
class QuietTerminal {
 public:
  QuietTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    struct termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    quiet_ = ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (quiet_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool ok() const { return quiet_; }

  // Nothing: the user gave up.
  std::optional<std::string> ask(const std::string& prompt) {
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

 private:
  void say(const std::string& text) {
    if (::write(descriptor_, text.data(), text.size()) < 0) return;  // Then nobody looks.
  }
  static void edit(std::string& line, char c) {
    if (c == kControlU) {
      line.clear();
    } else if (c != kBackspace && c != kDelete) {
      if (line.size() <= auth::kPasswordBytesMax) line += c;
    } else if (!line.empty()) {
      line.pop_back();
    }
  }

  int descriptor_;
  struct termios before_ {};
  bool quiet_ = false;
};

}  // namespace

Result<std::string> ask_password(const std::string& user) {
  QuietTerminal terminal;
  if (!terminal.ok()) {
    return Error{ErrorCode::kIo, "there is no terminal to ask for a password",
                 "use --password-file FILE, or --password-file - for standard input"};
  }
  auto first = terminal.ask("Password of " + user + ": ");
  if (!first) return Error{ErrorCode::kCanceled, "nothing was changed"};
  if (Status status = check_password(*first); !status.ok()) return std::move(status).error();
  const auto second = terminal.ask("Again: ");
  if (!second) return Error{ErrorCode::kCanceled, "nothing was changed"};
  if (*first != *second) return Error{ErrorCode::kInvalidArgument, "the two passwords differ"};
  return std::move(*first);
}

Result<std::string> read_password_file(const std::string& path) {
  const bool standard_input = path == "-";
  std::FILE* const stream = standard_input ? stdin : std::fopen(path.c_str(), "re");
  if (stream == nullptr) {
    return Error{ErrorCode::kIo, "password file '" + path + "': " + std::strerror(errno)};
  }
  std::string line;
  for (int c = 0; line.size() <= auth::kPasswordBytesMax + 1 && (c = std::fgetc(stream)) != EOF;) {
    if (c == '\n') break;
    line += static_cast<char>(c);
  }
  const bool failed = std::ferror(stream) != 0;
  if (!standard_input) std::fclose(stream);
  if (failed) return Error{ErrorCode::kIo, "password file '" + path + "' cannot be read"};
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (Status status = check_password(line); !status.ok()) return std::move(status).error();
  return line;
}

}  // namespace kpi::tools
