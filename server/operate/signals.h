// SIGTERM and SIGINT as a stop request; a second one ends the process at once.
#pragma once
#include <functional>
#include <thread>

namespace kpi::server {

// Construct before any other thread starts: they inherit the blocked signals.
class SignalThread {
 public:
  // `on_stop` is called once, with the signal, from this object's thread.
  explicit SignalThread(std::function<void(int signal)> on_stop);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  std::thread thread_;
};

}  // namespace kpi::server
