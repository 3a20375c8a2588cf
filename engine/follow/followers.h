// Between the committer and those who watch: each follower has a bounded queue of commit groups,
// which share their bytes. Decoding and filtering are the follower's own work.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/document/document_record.h"
#include "kpi/result.h"

namespace kpi {

// What was committed together. Never changes once it is published.
struct FollowGroup {
  std::string record;  // Its journal record.
  struct AttachedDocument {
    std::uint32_t row = 0;  // Of the record.
    KeyBytes<kDocumentKeyBytes> key;
    std::string text;
  };
  std::vector<AttachedDocument> documents;  // Ascending by row.
  std::size_t size_bytes() const;
};
using FollowGroupRef = std::shared_ptr<const FollowGroup>;

// One thread pushes, one takes, any closes.
class FollowQueue {
 public:
  enum class End { kNone, kCut, kClosed };
  FollowQueue(std::size_t bytes_max, std::function<void()> on_events)
      : bytes_max_(bytes_max), on_events_(std::move(on_events)) {}

  // False: it is full, so that nothing more comes.
  bool push(const FollowGroupRef& group);
  void close();  // Nothing more comes.

  struct Waiting {
    std::size_t groups = 0;
    End end = End::kNone;  // Another one: these are the last groups.
  };
  Waiting begin_take();  // From here on there is news again to be told.
  FollowGroupRef front() const;
  void pop();
  // on_events is not called any more once it returns, unless it is called from within on_events.
  void leave();

 private:
  void tell(std::unique_lock<std::mutex>* lock);

  const std::size_t bytes_max_;
  const std::function<void()> on_events_;
  mutable std::mutex mutex_;
  std::condition_variable told_or_not_;
  std::deque<FollowGroupRef> groups_;
  std::size_t bytes_ = 0;
  End end_ = End::kNone;
  bool told_ = false, has_left_ = false;
  std::thread::id caller_;  // Of on_events, while it is called.
};

// Thread-safe.
class Followers {
 public:
  // kLimitExceeded: kFollowersMax. kUnavailable: closed.
  Result<std::shared_ptr<FollowQueue>> join(std::size_t bytes_max, std::function<void()> on_events);
  void leave(const std::shared_ptr<FollowQueue>& queue);
  void close();

  // Committer: nothing needs to be gathered where there are none. Whoever has joined before a group
  // is published gets it whole.
  bool any() const { return count_.load(std::memory_order_acquire) > 0; }
  void publish(const FollowGroupRef& group);

  std::uint64_t count() const { return count_.load(std::memory_order_acquire); }
  std::uint64_t cut() const { return cut_.load(std::memory_order_acquire); }

 private:
  using Queues = std::vector<std::shared_ptr<FollowQueue>>;
  void replace(Queues queues);  // Under the mutex.
  std::shared_ptr<const Queues> queues() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Queues> queues_ = std::make_shared<const Queues>();
  bool closed_ = false;
  std::atomic<std::uint64_t> count_{0}, cut_{0};
};

}  // namespace kpi
