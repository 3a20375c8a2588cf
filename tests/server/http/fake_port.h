// Stands in for the engine: commits at once on a thread of its own, or when told to.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
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

  bool knows_request(std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    return known_.count(std::string(key)) != 0;
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
  void forget_requests() {
    const std::lock_guard lock(mutex_);
    known_.clear();
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

  void commit(PendingAppend* chain, bool failing) {
    for (PendingAppend* each = chain; each != nullptr; each = each->next) {
      if (failing) {
        each->status = Error{ErrorCode::kUnavailable, "the disk is gone"};
      } else if (!each->request.key.empty()) {
        judge(*each);
      }
    }
    chain->sink->on_committed(chain);
  }

  // As the engine does.
  void judge(PendingAppend& append) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(append.request.key);
    if (found == known_.end()) {
      if (!append.request.only_ask) {
        known_.emplace(append.request.key, append.request);
        return;
      }
      append.seen = RequestSeen::kUnknown;
      append.status = Error{ErrorCode::kNotFound, "unknown"};
    } else if (found->second.content != append.request.content) {
      append.seen = RequestSeen::kOtherContent;
      append.status = Error{ErrorCode::kInvalidArgument, "other content"};
    } else {
      append.seen = RequestSeen::kDuplicate;
      append.request.answer = found->second.answer;
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PendingAppend*> chains_;
  std::map<std::string, RequestKey> known_;
  std::size_t submissions_ = 0, events_submitted_ = 0;
  bool holding_ = false, failing_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace kpi::server
