// Ctrl-C and SIGTERM as a stop token, for commands that end between two steps. One at a time,
// made before any other thread.
#pragma once
#include <stop_token>
#include <thread>

namespace kpi::tools {

class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  int done_;  // An eventfd: the watch ends.
  int signals_;
  std::thread thread_;
};

}  // namespace kpi::tools
