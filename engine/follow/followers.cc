#include "engine/follow/followers.h"

#include <utility>

#include "kpi/limits.h"

namespace kpi {

std::size_t FollowGroup::size_bytes() const {
  std::size_t bytes = sizeof *this + record.size();
  for (const AttachedDocument& document : documents)
    bytes += sizeof document + document.text.size();
  return bytes;
}

bool FollowQueue::push(const FollowGroupRef& group) {
  const std::size_t bytes = group->size_bytes();
  std::unique_lock lock(mutex_);
  if (end_ != End::kNone) return true;
  const bool fits = bytes <= bytes_max_ && bytes_ <= bytes_max_ - bytes;
  if (fits) {
    groups_.push_back(group);
    bytes_ += bytes;
  } else {
    end_ = End::kCut;
  }
  tell(&lock);
  return fits;
}

void FollowQueue::close() {
  std::unique_lock lock(mutex_);
  if (end_ != End::kNone) return;
  end_ = End::kClosed;
  tell(&lock);
}

// Outside the lock, so that it may call whatever it likes.
void FollowQueue::tell(std::unique_lock<std::mutex>* lock) {
  if (told_ || has_left_ || !on_events_) return;
  told_ = true;
  caller_ = std::this_thread::get_id();
  lock->unlock();
  on_events_();
  lock->lock();
  caller_ = {};
  told_or_not_.notify_all();
}

FollowQueue::Waiting FollowQueue::begin_take() {
  const std::lock_guard lock(mutex_);
  told_ = false;
  return {groups_.size(), end_};
}

FollowGroupRef FollowQueue::front() const {
  const std::lock_guard lock(mutex_);
  return groups_.front();
}

void FollowQueue::pop() {
  const std::lock_guard lock(mutex_);
  bytes_ -= groups_.front()->size_bytes();
  groups_.pop_front();
}

void FollowQueue::leave() {
  std::unique_lock lock(mutex_);
  has_left_ = true;
  told_or_not_.wait(lock, [this] {
    return caller_ == std::thread::id() || caller_ == std::this_thread::get_id();
  });
}

Result<std::shared_ptr<FollowQueue>> Followers::join(std::size_t bytes_max,
                                                     std::function<void()> on_events) {
  auto queue = std::make_shared<FollowQueue>(bytes_max, std::move(on_events));
  const std::lock_guard lock(mutex_);
  if (closed_) return Error{ErrorCode::kUnavailable, "the store is closed", {}, 0};
  if (queues_->size() >= kFollowersMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "there are " + std::to_string(kFollowersMax) + " followers already, at most " +
                     std::to_string(kFollowersMax) + " are allowed",
                 {},
                 0};
  }
  Queues queues = *queues_;
  queues.push_back(queue);
  replace(std::move(queues));
  return queue;
}

void Followers::leave(const std::shared_ptr<FollowQueue>& queue) {
  const std::lock_guard lock(mutex_);
  Queues queues = *queues_;
  std::erase(queues, queue);
  replace(std::move(queues));
}

void Followers::close() {
  std::shared_ptr<const Queues> queues;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queues = queues_;
  }
  for (const auto& queue : *queues) queue->close();
}

void Followers::publish(const FollowGroupRef& group) {
  const std::shared_ptr<const Queues> queues = this->queues();
  for (const auto& queue : *queues) {
    if (queue->push(group)) continue;
    leave(queue);
    cut_.fetch_add(1, std::memory_order_acq_rel);
  }
}

void Followers::replace(Queues queues) {
  count_.store(queues.size(), std::memory_order_release);
  queues_ = std::make_shared<const Queues>(std::move(queues));
}

std::shared_ptr<const Followers::Queues> Followers::queues() const {
  const std::lock_guard lock(mutex_);
  return queues_;
}

}  // namespace kpi
