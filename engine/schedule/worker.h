// One part of the engine that works on its own: on a thread, or in a simulation step by step.
#pragma once
#include <functional>
#include <thread>

#include "engine/schedule/stepper.h"

namespace kpi {

class Worker {
 public:
  // `thread_name`: at most 15 characters.
  Worker(Work work, const char* thread_name) : work_(work), name_(thread_name) {}
  ~Worker() { join(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Runs `loop` on a thread until it returns; in a simulation hands `step` in instead.
  void start(std::function<void()> loop, std::function<void()> step);
  // Waits until `loop` has returned; in a simulation takes the step back. Idempotent.
  void join();

  bool is_stepped() const { return stepper_ != nullptr; }
  // In a simulation only: lets another part do what this one would wait for.
  void let(Work other) const { stepper_->step(other); }

 private:
  const Work work_;
  const char* const name_;
  Stepper* stepper_ = nullptr;
  bool is_added_ = false;
  std::thread thread_;
};

}  // namespace kpi
