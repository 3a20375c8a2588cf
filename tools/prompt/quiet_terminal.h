// The terminal, for a question whose answer nobody may read over a shoulder.
#pragma once
#include <termios.h>

#include <optional>
#include <string>

namespace kpi::tools {

inline constexpr std::size_t kSecretBytesMax = 1024;  // What is typed beyond is not taken.

// Without echo while this lives; as it was before when it ends. Not thread-safe.
class QuietTerminal {
 public:
  QuietTerminal();
  ~QuietTerminal();
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool ok() const { return quiet_; }  // False: the process has no terminal.
  // One line; Ctrl-U and backspace edit it. Nothing: Ctrl-C, or the end of input. Requires ok().
  std::optional<std::string> ask(const std::string& prompt);

 private:
  void say(const std::string& text);

  int descriptor_;
  struct termios before_ {};
  bool quiet_ = false;
};

}  // namespace kpi::tools
