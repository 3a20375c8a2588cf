#include "server/http/query_pool.h"

#include <algorithm>

namespace kpi::server {

QueryPool::QueryPool(const Options& options) : options_(options) {
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { watch(); });
}

QueryPool::~QueryPool() { stop(); }

bool QueryPool::submit(QueryWork work, Done done, std::stop_token gone) {
  return push({std::move(work), std::move(done), std::move(gone)}, options_.queue_max);
}

bool QueryPool::go_on(QueryWork work, Done done, std::stop_token gone) {
  return push({std::move(work), std::move(done), std::move(gone)}, SIZE_MAX);
}

bool QueryPool::push(Task task, std::size_t queue_max) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || queue_.size() >= queue_max) return false;
  queue_.push_back(std::move(task));
  work_ready_.notify_one();
  return true;
}

void QueryPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    queue_.clear();
    for (Running& running : running_) running.stop.request_stop();
    work_ready_.notify_all();
    deadline_changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void QueryPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_ready_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (stopped_) return;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    run(std::move(task));
    lock.lock();
  }
}

void QueryPool::run(Task task) {
  const auto begin = Clock::now();
  std::list<Running> mine;
  mine.push_back({begin + options_.timeout, {}});
  const auto entry = mine.begin();
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    running_.splice(running_.end(), mine);
    deadline_changed_.notify_one();
  }
  QueryAnswer answer;
  {
    const std::stop_callback stops(task.gone, [entry] { entry->stop.request_stop(); });
    answer = task.work(entry->stop.get_token());
  }
  {
    const std::lock_guard lock(mutex_);
    running_.erase(entry);
  }
  answer.micros = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
  task.done(std::move(answer));
}

void QueryPool::watch() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const auto waiting = [](const Running& r) { return !r.stop.stop_requested(); };
    const auto next = std::find_if(running_.begin(), running_.end(), waiting);
    if (next == running_.end()) {
      deadline_changed_.wait(lock);
    } else if (next->deadline <= Clock::now()) {
      next->stop.request_stop();
    } else {
      deadline_changed_.wait_until(lock, Clock::time_point(next->deadline));
    }
  }
}

}  // namespace kpi::server
