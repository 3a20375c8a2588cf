// A sign of life on standard error while a statement takes long.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace kpi::tools {

// Nothing is shown for kProgressAfter; then at most 10 times a second, in one line that stop()
// takes away. Nothing at all where standard error is no terminal.
class Progress {
 public:
  static constexpr std::chrono::milliseconds kProgressAfter{500}, kRedrawEvery{100};
  explicit Progress(bool unicode);
  ~Progress() { stop(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void start();
  // When it returns, the line is gone. Any number of times.
  void stop();

 private:
  void draw_until_stopped();

  const bool wanted_, unicode_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = true;
  std::thread thread_;
};

}  // namespace kpi::tools
