// The model store with a statement that never ends by itself: an aggregation of the measure
// `slow` waits until it is stopped. For tests of cancel, timeout and disconnect.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/model_store.h"

namespace kpi::test {

class WaitingStore final : public Store {
 public:
  explicit WaitingStore(std::vector<ModelEvent> events) : model_(std::move(events)) {}

  Result<std::shared_ptr<const View>> view() const override {
    auto view = model_.view();
    if (!view.ok()) return view;
    return std::shared_ptr<const View>(std::make_shared<WaitingView>(*this, view.value()));
  }
  std::vector<std::pair<std::string, std::string>> status() const override {
    return model_.status();
  }
  Status create_milestone(const Milestone& milestone) override {
    return model_.create_milestone(milestone);
  }
  Status drop_milestone(std::string_view name) override { return model_.drop_milestone(name); }
  Result<std::unique_ptr<Follower>> follow(FollowRequest request) override {
    return model_.follow(std::move(request));
  }
  void accept(ModelEvent event) { model_.accept(std::move(event)); }
  // Return when so many aggregations wait at the moment, or have been stopped in all.
  void await_waiting(int count) const { await(waiting_, count); }
  void await_stopped(int count) const { await(stopped_, count); }

 private:
  class WaitingView final : public View {
   public:
    WaitingView(const WaitingStore& store, std::shared_ptr<const View> view)
        : store_(store), view_(std::move(view)) {}
    Result<AggregateResult> aggregate(const AggregateRequest& request) const override {
      for (const std::string& measure : request.measures) {
        if (measure != "slow") continue;
        store_.wait_for_stop(request.stop);
        return Error{ErrorCode::kCanceled, "canceled"};
      }
      return view_->aggregate(request);
    }
    Result<std::vector<ReadStep>> explain(const AggregateRequest& request) const override {
      return view_->explain(request);
    }
    Result<ScanReport> scan(const ScanRequest& request, const EventSink& sink) const override {
      return view_->scan(request, sink);
    }
    std::vector<std::string> rps() const override { return view_->rps(); }
    Result<std::vector<std::string>> clients(std::string_view rp) const override {
      return view_->clients(rp);
    }
    std::vector<std::string> measures() const override { return view_->measures(); }
    std::vector<LabelNames> labels() const override { return view_->labels(); }
    std::vector<Milestone> milestones() const override { return view_->milestones(); }

   private:
    const WaitingStore& store_;
    std::shared_ptr<const View> view_;
  };

  void wait_for_stop(std::stop_token stop) const {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, stop, [] { return false; });
    --waiting_;
    ++stopped_;
    changed_.notify_all();
  }
  void await(const int& value, int count) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return value >= count; });
  }

  ModelStore model_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  mutable int waiting_ = 0, stopped_ = 0;
};

}  // namespace kpi::test
