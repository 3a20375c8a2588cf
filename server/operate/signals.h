// SIGTERM and SIGINT as a stop request, a second one ends the process at once; SIGHUP as a request
// to read files again.
#pragma once
#include <functional>
#include <thread>

namespace kpi::server {

// From now on an abort ends the process with `status`: once the store has stopped after a write
// error, an assertion of its library is only a part of that.
void exit_on_abort(int status);

// Construct before any other thread starts: they inherit the blocked signals.
class SignalThread {
 public:
  // `on_stop` is called once, with the signal, from this object's thread.
  // `on_reload` at every SIGHUP until then; it may come before the constructor returns.
  SignalThread(std::function<void(int signal)> on_stop, std::function<void()> on_reload);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  std::thread thread_;
};

}  // namespace kpi::server
