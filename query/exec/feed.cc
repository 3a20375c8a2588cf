#include "query/exec/feed.h"

#include "kpi/follow.h"
#include "query/exec/events.h"

namespace kpi::query {
namespace {

class EventFeed final : public RowFeed {
 public:
  explicit EventFeed(std::unique_ptr<Follower> follower) : follower_(std::move(follower)) {}

  const std::vector<Column>& columns() const override { return columns_; }

  Result<std::size_t> take(std::size_t rows_max, std::vector<std::vector<Value>>& rows) override {
    if (rows_max == 0) return std::size_t{0};
    std::size_t taken = 0;
    return follower_->take([&](const Event& event, const Document*) {
      rows.push_back(event_row(event));
      return ++taken < rows_max;
    });
  }

 private:
  std::unique_ptr<Follower> follower_;
  std::vector<Column> columns_ = event_columns();
};

// A follower is asked for one condition; a scan for a range besides.
Predicate joined(ScanRequest request) {
  if (request.range == TimeRange{}) return std::move(request.where);
  Predicate time;
  time.kind = Predicate::Kind::kTime;
  time.range = request.range;
  if (request.where.kind == Predicate::Kind::kTrue) return time;
  Predicate both;
  both.kind = Predicate::Kind::kAnd;
  both.children = {std::move(time), std::move(request.where)};
  return both;
}

}  // namespace

Result<std::unique_ptr<RowFeed>> open_feed(const Follow& follow, Store& store,
                                           const Options& options, std::function<void()> on_rows) {
  auto view = store.view();
  if (!view.ok()) return std::move(view).error();
  auto request = plan_scan(follow.where, *view.value(), options.now_ms);
  if (!request.ok()) return std::move(request).error();
  FollowRequest wanted;
  wanted.where = joined(std::move(request).value());
  wanted.on_events = std::move(on_rows);
  auto follower = store.follow(std::move(wanted));
  if (!follower.ok()) return std::move(follower).error();
  return std::unique_ptr<RowFeed>(std::make_unique<EventFeed>(std::move(follower).value()));
}

}  // namespace kpi::query
