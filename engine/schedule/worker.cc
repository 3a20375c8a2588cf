#include "engine/schedule/worker.h"

#include <pthread.h>

#include <utility>

namespace kpi {

void Worker::start(std::function<void()> loop, std::function<void()> step) {
  stepper_ = stepper();
  if (stepper_ != nullptr) {
    stepper_->add(work_, std::move(step));
    is_added_ = true;
    return;
  }
  thread_ = std::thread(std::move(loop));
  pthread_setname_np(thread_.native_handle(), name_);
}

void Worker::join() {
  if (std::exchange(is_added_, false)) stepper_->remove(work_);
  if (thread_.joinable()) thread_.join();
}

}  // namespace kpi
