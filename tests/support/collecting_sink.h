// A sink that keeps what it was given back, for tests of the asynchronous form of append.
#pragma once
#include <condition_variable>
#include <mutex>
#include <vector>

#include "kpi/engine.h"

namespace kpi {

class CollectingSink final : public AppendSink {
 public:
  void on_committed(PendingAppend* chain) override {
    const std::lock_guard lock(mutex_);
    for (; chain != nullptr; chain = chain->next) done_.push_back(chain);
    changed_.notify_all();
  }
  std::vector<PendingAppend*> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_.size() >= count; });
    return done_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PendingAppend*> done_;
};

}  // namespace kpi
