#include "tests/engine/faults/kill_rounds.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace kpi::test {
namespace {

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t acknowledged(const Ledger& ledger) {
  std::uint64_t sum = 0;
  for (unsigned writer = 0; writer < kLedgerWriters; ++writer) sum += ledger->acknowledged[writer];
  return sum;
}

// The status of the child, which is killed once the ledger has come beyond `until`.
int kill_beyond(pid_t child, std::uint64_t until, std::uint64_t spins, const Ledger& ledger) {
  int status = 0;
  while (acknowledged(ledger) <= until) {
    if (waitpid(child, &status, WNOHANG) == child) return status;
    sched_yield();
  }
  for (; spins > 0; --spins) sched_yield();
  kill(child, SIGKILL);
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

}  // namespace

void give_up(const std::string& message) {
  std::fprintf(stderr, "child: %s\n", message.c_str());
  _exit(1);
}

void kill_again_and_again(const std::string& name, int rounds, std::uint64_t batches_max,
                          const Ledger& ledger,
                          const std::function<void(std::uint64_t seed)>& run_child) {
  const std::uint64_t end = number_of("KPI_CRASH_ROUNDS", static_cast<std::uint64_t>(rounds));
  std::mt19937_64 rng(number_of("KPI_SEED", 1));
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(number_of("KPI_TORTURE_SECONDS", 0));
  std::uint64_t round = 0;
  for (; round < end || std::chrono::steady_clock::now() < deadline; ++round) {
    const std::uint64_t seed = rng();
    const std::uint64_t until = acknowledged(ledger) + rng() % batches_max;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // It would write for ever.
      run_child(seed);
      give_up("it returned");
    }
    const int status = kill_beyond(child, until, rng() % 20'000, ledger);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "round " << round << " of seed " << seed << ": status " << status;
  }
  std::printf("torture: %s runs=%llu faults=%llu violations=0\n", name.c_str(),
              static_cast<unsigned long long>(round), static_cast<unsigned long long>(round));
}

}  // namespace kpi::test
