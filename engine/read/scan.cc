#include <algorithm>
#include <compare>
#include <optional>
#include <vector>

#include "engine/chunk/columns_order.h"
#include "engine/key/key.h"
#include "engine/read/event_stream.h"
#include "engine/read/key_cursor.h"
#include "engine/read/live_series.h"
#include "engine/read/reader.h"
#include "engine/read/request_plan.h"

namespace kpi {
namespace {

constexpr std::uint32_t kEventsPerStopCheck = 4096;

Conjuncts join(const Conjuncts& a, const Conjuncts& b) {
  Conjuncts all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

struct SeriesDay {
  std::uint16_t day = 0;
  SeriesRef series;
  auto operator<=>(const SeriesDay&) const = default;
};

// Goes through the chunks by series and day, mixing in live rows, and then through the series and
// days that have live rows only.
class Scan {
 public:
  Scan(const ReadSource& source, const ScanRequest& request, const RequestPlan& plan,
       const EventSink& sink)
      : source_(source),
        plan_(plan),
        condition_(join(plan.filter.kind, plan.filter.event), *source.dictionary),
        names_(*source.dictionary),
        stream_(plan.read, &condition_, &names_),
        steps_(outline(plan, source)) {
    sink_ = [this, &sink, stop = request.stop](const Event& event) {
      if (++emitted_ % kEventsPerStopCheck == 0 && stop.stop_requested()) canceled_ = true;
      ended_ = canceled_ || !sink(event);
      return !ended_;
    };
    stop_ = request.stop;
  }

  Result<ScanReport> run() {
    find_live_days();
    for (std::size_t i = 0; i < plan_.steps.size() && !ended_; ++i) {
      if (plan_.steps[i].source == Source::kLive) continue;
      if (Status s = read_chunks(&steps_[i], plan_.steps[i].range); !s.ok() && !ended_) {
        return s.error();
      }
      if (canceled_) break;
    }
    for (std::size_t i = 0; i < live_days_.size() && !ended_; ++i) {
      if (is_read_[i]) continue;
      add_live(i);
      if (Status s = emit(live_days_[i]); !s.ok() && !ended_) return s.error();
    }
    if (canceled_) return Error{ErrorCode::kCanceled, "the query was canceled"};
    return ScanReport{plan_.covered, std::move(steps_)};
  }

 private:
  // A series' live rows are decoded once to see their days, then once more a day.
  void find_live_days() {
    if (plan_.steps.empty()) return;
    ReadStep& step = steps_.back();
    for (const SeriesRef& ref : live_series(source_, plan_.series)) {
      source_.live->read(ref.series, plan_.read, &events_);
      step.events += events_.size();
      std::vector<std::uint16_t> days;
      for (const std::int64_t time_ms : events_.times_ms) days.push_back(day_of(time_ms));
      std::sort(days.begin(), days.end());
      days.erase(std::unique(days.begin(), days.end()), days.end());
      for (const std::uint16_t day : days) live_days_.push_back({day, ref});
    }
    std::sort(live_days_.begin(), live_days_.end());
    is_read_.assign(live_days_.size(), false);
  }

  Status read_chunks(ReadStep* step, TimeRange range) {
    KeyCursor cursor(source_, Family::kRaw, raw_range(day_of(range.end_ms - 1)).end);
    std::optional<SeriesDay> current;
    const auto visit = [&](const RawKey& key, std::string_view value) -> Status {
      const SeriesDay at{key.day, {key.rp, key.series}};
      if (current && *current != at) {
        if (Status emitted = finish(*current); !emitted.ok()) return emitted;
      }
      current = at;
      ++step->chunks;
      step->bytes += value.size();
      if (stop_.stop_requested()) return cancel();
      return stream_.add_chunk(value, day_begin_ms(key.day));
    };
    Status walked = for_each_chunk(&cursor, range, plan_.series, false, visit);
    if (!walked.ok() || !current) return walked;
    return finish(*current);
  }

  Status cancel() {
    canceled_ = ended_ = true;
    return Error{ErrorCode::kCanceled, "the query was canceled"};
  }

  // The live rows belong to the first of the steps that meets their series and day.
  Status finish(const SeriesDay& at) {
    const auto live = std::lower_bound(live_days_.begin(), live_days_.end(), at);
    if (live != live_days_.end() && *live == at) {
      const auto index = static_cast<std::size_t>(live - live_days_.begin());
      if (!is_read_[index]) add_live(index);
    }
    return emit(at);
  }

  void add_live(std::size_t index) {
    is_read_[index] = true;
    const std::int64_t begin_ms = day_begin_ms(live_days_[index].day);
    EventColumns events;
    source_.live->read(live_days_[index].series.series,
                       intersect(plan_.read, {begin_ms, begin_ms + kDayMs}), &events);
    sort_by_time(&events);
    stream_.add_rows(std::move(events));
  }

  // An error also where the sink had enough; `ended_` says so.
  Status emit(const SeriesDay& at) {
    if (stop_.stop_requested()) return cancel();
    const Result<bool> emitted =
        stream_.emit(source_.dictionary->rp(at.series.rp),
                     source_.dictionary->series(at.series.series).client, sink_);
    if (!emitted.ok()) return emitted.error();
    if (!emitted.value()) return Error{ErrorCode::kCanceled, "the sink had enough"};
    return ok_status();
  }

  const ReadSource& source_;
  const RequestPlan& plan_;
  Condition condition_;
  NameCache names_;
  EventStream stream_;
  std::vector<ReadStep> steps_;
  EventSink sink_;
  std::stop_token stop_;
  std::vector<SeriesDay> live_days_;  // Ascending.
  std::vector<bool> is_read_;         // One of each.
  EventColumns events_;
  std::uint64_t emitted_ = 0;
  bool ended_ = false, canceled_ = false;
};

}  // namespace

Result<ScanReport> scan(const ReadSource& source, const ScanRequest& request,
                        const EventSink& sink) {
  Result<RequestPlan> plan = plan_scan(source, request);
  if (!plan.ok()) return plan.error();
  return Scan(source, request, plan.value(), sink).run();
}

}  // namespace kpi
