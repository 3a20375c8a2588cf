// How far a long command has come, on stderr: one line that is drawn over, on a terminal only.
// Not thread-safe.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace kpi::tools {

class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();  // Erases the line.
  // At most ten times a second.
  void show(const std::string& text);

 private:
  const bool on_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

std::string with_commas(std::uint64_t number);

}  // namespace kpi::tools
