#include "tools/kpi_query/stop_signal.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "kpi/assert.h"

namespace kpi::tools {
namespace {

volatile sig_atomic_t stop_requested = 0;
int stop_pipe[2] = {-1, -1};

extern "C" void on_interrupt(int) {
  const int saved_errno = errno;
  stop_requested = 1;
  // A full pipe already says what this byte would.
  if (write(stop_pipe[1], "x", 1) < 0) errno = saved_errno;
  errno = saved_errno;
}

}  // namespace

void StopSignal::install() {
  KPI_ASSERT(pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
  struct sigaction action = {};
  action.sa_handler = on_interrupt;  // Without SA_RESTART: a read at the prompt is to end.
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

bool StopSignal::requested() { return stop_requested != 0; }

void StopSignal::clear() {
  stop_requested = 0;
  char bytes[64];
  while (read(stop_pipe[0], bytes, sizeof(bytes)) > 0) {
  }
}

int StopSignal::fd() { return stop_pipe[0]; }

}  // namespace kpi::tools
