// One run of a test in a process of its own: what aborts, hangs or gives up there is seen here.
#pragma once
#include <execinfo.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

namespace kpi::test {

inline constexpr unsigned kHangSeconds = 30;

// What a child does instead of dying by an assertion of a library; nothing: it dies.
inline std::function<void()> when_aborted;

inline void print_frames() {
  void* frames[64];
  backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
}

// The assertion says what, this says where.
inline void on_abort(int) {
  if (when_aborted) when_aborted();
  print_frames();
}

// What `run` returns (0 to 99), or a failure: -1.
template <class Run>
int run_child(const Run& run) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kHangSeconds);
    std::signal(SIGABRT, on_abort);
    _exit(run());
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  if (WIFSIGNALED(status)) {
    ADD_FAILURE() << (WTERMSIG(status) == SIGALRM
                          ? "hangs"
                          : "ends by signal " + std::to_string(WTERMSIG(status)));
    return -1;
  }
  return WEXITSTATUS(status);
}

// How long the long form of a test goes on; 0: the size of every commit.
inline int torture_seconds() {
  const char* text = std::getenv("KPI_TORTURE_SECONDS");
  return text == nullptr ? 0 : std::atoi(text);
}

}  // namespace kpi::test
