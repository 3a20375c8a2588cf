#include "tools/kpi_load/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace kpi::load {

Progress::Progress(std::uint64_t total, bool quiet)
    : total_(std::max<std::uint64_t>(1, total)),
      quiet_(quiet),
      terminal_(::isatty(STDERR_FILENO) == 1),
      begin_(std::chrono::steady_clock::now()) {}

void Progress::show(std::uint64_t done) {
  if (quiet_) return;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
  const double rate = static_cast<double>(done) / std::max(1e-9, elapsed.count());
  if (terminal_) {
    constexpr std::size_t kWidth = 40;
    const auto full = std::min(kWidth, static_cast<std::size_t>(share * kWidth));
    fmt::print(stderr, "\r[{}{}] {:3.0f} %  {:.0f} events/s ", std::string(full, '#'),
               std::string(kWidth - full, ' '), share * 100, rate);
    std::fflush(stderr);
    drawn_ = true;
    return;
  }
  const auto tenth = static_cast<std::uint64_t>(share * 10);
  if (tenth <= tenth_shown_) return;
  tenth_shown_ = tenth;
  fmt::print(stderr, "kpi-load: {} %, {:.0f} events/s\n", tenth * 10, rate);
}

void Progress::finish() {
  if (drawn_) fmt::print(stderr, "\n");
}

}  // namespace kpi::load
