#include "server/operate/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "kpi/assert.h"

namespace kpi::server {
namespace {

constexpr int kWake = SIGUSR2;  // Ends the thread; nobody else sends it.
constexpr int kExitBase = 128;  // A shell's exit status of a process that a signal ended.

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kWake}) sigaddset(&set, signal);
  return set;
}

void wait_for_signals(const std::function<void(int)>& on_stop,
                      const std::function<void()>& on_reload) {
  const sigset_t set = handled();
  bool stopping = false;
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal == kWake) return;
    if (signal == SIGHUP) {
      if (!stopping) on_reload();
      continue;
    }
    if (stopping) _exit(kExitBase + signal);
    stopping = true;
    on_stop(signal);
  }
}

std::atomic<int> abort_status{0};

}  // namespace

void exit_on_abort(int status) {
  abort_status = status;
  std::signal(SIGABRT, [](int) { _exit(abort_status); });
}

SignalThread::SignalThread(std::function<void(int)> on_stop, std::function<void()> on_reload) {
  const sigset_t set = handled();
  KPI_ASSERT(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A file-size limit is a write error, not a silent death.
  thread_ = std::thread([on_stop = std::move(on_stop), on_reload = std::move(on_reload)] {
    wait_for_signals(on_stop, on_reload);
  });
}

SignalThread::~SignalThread() {
  pthread_kill(thread_.native_handle(), kWake);
  thread_.join();
}

}  // namespace kpi::server
