// Stands in for the engine: commits at once on a thread of its own, or when told to.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "server/http/appender.h"

namespace kpi::server {

class FakePort final : public IngestPort {
 public:
  FakePort() : thread_([this] { run(); }) {}
  ~FakePort() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      holding_ = false;
    }
    changed_.notify_all();
    thread_.join();
  }

  void submit(PendingAppend* chain) override {
    const std::lock_guard lock(mutex_);
    ++submissions_;
    for (PendingAppend* each = chain; each != nullptr; each = each->next) {
      events_submitted_ += each->batch.size();
    }
    chains_.push_back(chain);
    changed_.notify_all();
  }

  void hold(bool holding) {
    const std::lock_guard lock(mutex_);
    holding_ = holding;
    changed_.notify_all();
  }
  void fail_from_now_on() {
    const std::lock_guard lock(mutex_);
    failing_ = true;
  }
  void wait_for_events(std::size_t events) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return events_submitted_ >= events; });
  }
  std::size_t submissions() {
    const std::lock_guard lock(mutex_);
    return submissions_;
  }
  std::size_t events_submitted() {
    const std::lock_guard lock(mutex_);
    return events_submitted_;
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || (!holding_ && !chains_.empty()); });
      if (chains_.empty()) return;
      const auto chains = std::move(chains_);
      chains_.clear();
      const bool failing = failing_;
      lock.unlock();
      for (PendingAppend* chain : chains) commit(chain, failing);
      lock.lock();
    }
  }

  static void commit(PendingAppend* chain, bool failing) {
    if (failing) {
      for (PendingAppend* each = chain; each != nullptr; each = each->next) {
        each->status = Error{ErrorCode::kUnavailable, "the disk is gone"};
      }
    }
    chain->sink->on_committed(chain);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PendingAppend*> chains_;
  std::size_t submissions_ = 0, events_submitted_ = 0;
  bool holding_ = false, failing_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace kpi::server
