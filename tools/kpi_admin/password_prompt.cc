#include "tools/kpi_admin/password_prompt.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "server/auth/verifier.h"
#include "tools/prompt/quiet_terminal.h"

namespace kpi::tools {
namespace {

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
