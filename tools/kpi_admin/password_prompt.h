// Passwords from people and from files, never from the command line: other users can read that.
#pragma once
#include <string>

#include "kpi/result.h"

namespace kpi::tools {

// Asks twice at the terminal, without echo. kIo: there is none. kInvalidArgument: the two differ,
// or it is no password. kCanceled: Ctrl-C or end of input.
Result<std::string> ask_password(const std::string& user);
// The first line of a file; `-` is standard input. kIo, or kInvalidArgument: it is no password.
Result<std::string> read_password_file(const std::string& path);

}  // namespace kpi::tools
