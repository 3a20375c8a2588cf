#include "tools/kpi_admin/interruption.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace kpi::tools {

Interruption::Interruption() : done_(eventfd(0, EFD_CLOEXEC)) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  // Threads that come later inherit the mask, so the signal goes to the descriptor alone.
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  thread_ = std::thread([this] {
    pollfd fds[2] = {{done_, POLLIN, 0}, {signals_, POLLIN, 0}};
    while (poll(fds, 2, -1) < 0) {
    }
    if (fds[1].revents != 0) source_.request_stop();
  });
}

Interruption::~Interruption() {
  eventfd_write(done_, 1);
  thread_.join();
  close(signals_);
  close(done_);
}

}  // namespace kpi::tools
