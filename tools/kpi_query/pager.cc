#include "tools/kpi_query/pager.h"

#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "tools/kpi_query/stop_signal.h"

namespace kpi::tools {
namespace {

constexpr int kNoSuchCommand = 127;  // A shell's.

std::string pager_command() {
  for (const char* const variable : {"KPI_PAGER", "PAGER"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  return "less";
}

}  // namespace

bool show_in_pager(const std::string& text) {
  setenv("LESS", "FRSX", 0);  // Colours as they are, long lines cut, no page for what fits.
  struct sigaction ignored = {}, before = {};
  ignored.sa_handler = SIG_IGN;  // Who leaves the pager early does not leave the program.
  sigaction(SIGPIPE, &ignored, &before);
  std::FILE* const pager = popen(pager_command().c_str(), "we");
  int status = -1;
  if (pager != nullptr) {
    std::fwrite(text.data(), 1, text.size(), pager);
    status = pclose(pager);
  }
  sigaction(SIGPIPE, &before, nullptr);
  StopSignal::clear();  // Ctrl-C was the pager's.
  return status >= 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchCommand);
}

}  // namespace kpi::tools
