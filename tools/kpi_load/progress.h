// How far a run is, on stderr: a bar on a terminal, a line every tenth elsewhere.
#pragma once
#include <chrono>
#include <cstdint>

namespace kpi::load {

class Progress {
 public:
  Progress(std::uint64_t total, bool quiet);
  void show(std::uint64_t done);  // Cheap where there is nothing new to show.
  void finish();                  // Ends the bar's line.

 private:
  const std::uint64_t total_;
  const bool quiet_, terminal_;
  const std::chrono::steady_clock::time_point begin_;
  std::uint64_t tenth_shown_ = 0;
  bool drawn_ = false;
};

}  // namespace kpi::load
