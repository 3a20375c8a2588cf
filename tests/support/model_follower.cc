#include "tests/support/model_follower.h"

#include <cstdio>
#include <deque>
#include <utility>

namespace kpi::test {
namespace {

struct Accepted {
  ModelEvent event;
  Document document;
};

std::size_t size_of(const Accepted& accepted) {
  std::size_t bytes = 64 + accepted.event.rp.size() + accepted.event.client.size();
  for (const auto& [name, value] : accepted.event.measures) bytes += name.size() + sizeof value;
  for (const auto& [name, value] : accepted.event.labels) bytes += name.size() + value.size();
  return bytes + accepted.document.text.size();
}

}  // namespace

class ModelFollowers::Watch {
 public:
  explicit Watch(FollowRequest request) : request_(std::move(request)) {}

  void accept(const Accepted& accepted) {
    {
      const std::lock_guard lock(mutex_);
      if (cut_) return;
      bytes_ += size_of(accepted);
      cut_ = bytes_ > request_.bytes_max;
      if (!cut_) waiting_.push_back(accepted);
      if (std::exchange(told_, true)) return;
    }
    const std::lock_guard calling(call_mutex_);
    if (request_.on_events && !has_left_) request_.on_events();
  }

  Result<std::size_t> take(const FollowSink& sink) {
    std::size_t handed = 0;
    for (bool first = true;; first = false) {
      Accepted next;
      {
        const std::lock_guard lock(mutex_);
        if (first) told_ = false;
        if (waiting_.empty() && !cut_) return handed;
        if (waiting_.empty()) return Error{ErrorCode::kUnavailable, "it fell behind"};
        next = std::move(waiting_.front());
        bytes_ -= size_of(next);
        waiting_.pop_front();
      }
      if (!fits(next.event, request_.where)) continue;
      ++handed;
      const Document* document = next.document.text.empty() ? nullptr : &next.document;
      const bool go_on =
          visit(next.event, [&](const Event& event) { return sink(event, document); });
      if (!go_on) return handed;
    }
  }

  void leave() {
    const std::lock_guard calling(call_mutex_);
    has_left_ = true;
  }

 private:
  const FollowRequest request_;
  std::mutex mutex_;
  std::deque<Accepted> waiting_;
  std::size_t bytes_ = 0;
  bool told_ = false, cut_ = false;
  std::mutex call_mutex_;  // Held while on_events is called.
  bool has_left_ = false;
};

Result<std::unique_ptr<Follower>> ModelFollowers::join(FollowRequest request) {
  class ModelFollower final : public Follower {
   public:
    explicit ModelFollower(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
    ~ModelFollower() override { watch_->leave(); }
    Result<std::size_t> take(const FollowSink& sink) override { return watch_->take(sink); }

   private:
    const std::shared_ptr<Watch> watch_;
  };
  const std::lock_guard lock(mutex_);
  std::erase_if(watches_, [](const std::weak_ptr<Watch>& watch) { return watch.expired(); });
  if (watches_.size() >= kFollowersMax) {
    return Error{ErrorCode::kLimitExceeded, "too many followers"};
  }
  auto watch = std::make_shared<Watch>(std::move(request));
  watches_.push_back(watch);
  return std::unique_ptr<Follower>(std::make_unique<ModelFollower>(std::move(watch)));
}

void ModelFollowers::accept(const ModelEvent& event, const std::string& document) {
  std::vector<std::weak_ptr<Watch>> watches;
  char id[33];
  {
    const std::lock_guard lock(mutex_);
    watches = watches_;
    std::snprintf(id, sizeof id, "%016llx%016llx", static_cast<unsigned long long>(event.time_ms),
                  static_cast<unsigned long long>(++accepted_));
  }
  for (const auto& watch : watches) {
    if (const auto alive = watch.lock()) alive->accept({event, {id, event.time_ms, document}});
  }
}

}  // namespace kpi::test
