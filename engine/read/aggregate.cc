#include <algorithm>
#include <optional>
#include <stop_token>

#include "engine/key/key.h"
#include "engine/read/accumulator.h"
#include "engine/read/cell_values.h"
#include "engine/read/key_cursor.h"
#include "engine/read/live_series.h"
#include "engine/read/ranking.h"
#include "engine/read/reader.h"
#include "engine/read/request_plan.h"
#include "engine/read/sender_counts.h"

namespace kpi {
namespace {

CellWidth width_of(Source source) {
  if (source == Source::kMinuteCells) return CellWidth::kMinute;
  return source == Source::kHourCells ? CellWidth::kHour : CellWidth::kDay;
}

// Carries out a plan, step by step.
class Aggregation {
 public:
  Aggregation(const ReadSource& source, const AggregateRequest& request, const RequestPlan& plan)
      : source_(source),
        request_(request),
        plan_(plan),
        accumulator_(request, plan.filter, *source.dictionary) {}

  Result<AggregateResult> run() {
    std::vector<ReadStep> steps = outline(plan_, source_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      step_ = &steps[i];
      if (Status done = read(plan_.steps[i]); !done.ok()) return done.error();
    }
    Result<AggregateResult> result = accumulator_.finish();
    if (!result.ok()) return result;
    result.value().covered = plan_.covered;
    result.value().steps = std::move(steps);
    return result;
  }

 private:
  Status read(const TimeStep& step) {
    switch (step.source) {
      case Source::kSlabs:
        return read_slabs(step.range);
      case Source::kDayCells:
      case Source::kHourCells:
      case Source::kMinuteCells:
        return read_cells(width_of(step.source), step.range);
      case Source::kLabelCells:
        return read_label_cells(step.range);
      case Source::kSparseChunks:
      case Source::kChunks:
        return read_chunks(step.range, step.source == Source::kSparseChunks);
      case Source::kLive:
        break;
    }
    return read_live(step.range);
  }

  // Before each value: whether to go on.
  Status begin_value(std::string_view value) {
    step_->bytes += value.size();
    if (request_.stop.stop_requested()) {
      return Error{ErrorCode::kCanceled, "the query was canceled"};
    }
    return accumulator_.status();
  }

  Status read_cells(CellWidth width, TimeRange range) {
    const SeriesSet series = plan_.all_rps ? SeriesSet::of({{0, 0}}) : plan_.series;
    using AddValue = decltype(&add_counts_value);
    const auto read_kind = [&](CellKind kind, AddValue add, std::uint64_t* cells) {
      return for_each_cell(cells_cursor(), width, kind, range, series,
                           [&](const CellKey& key, std::string_view value) -> Status {
                             if (Status go = begin_value(value); !go.ok()) return go;
                             accumulator_.begin_series({key.rp, key.series});
                             return add(key, value, range, &accumulator_, cells);
                           });
    };
    if (Status s = read_kind(CellKind::kCounts, add_counts_value, &step_->cells); !s.ok()) return s;
    if (accumulator_.measures().empty()) return ok_status();
    return read_kind(CellKind::kSketches, add_sketches_value, &step_->cells);
  }

  Status read_label_cells(TimeRange range) {
    const SeriesSet series = plan_.all_rps ? SeriesSet::of({{0, 0}}) : plan_.series;
    const std::uint32_t values = source_.dictionary->count(NameKind::kLabelValue);
    using AddValue = decltype(&add_counts_value);
    const auto read_kind = [&](CellKind kind, AddValue add) {
      return for_each_label_cell(
          cells_cursor(), kind, plan_.rollup->id, range, series,
          [&](const CellKey& key, std::string_view value) -> Status {
            if (Status go = begin_value(value); !go.ok()) return go;
            if (key.label_value > values) {
              return Error{ErrorCode::kCorruption, "a label cell of a value that has no name"};
            }
            accumulator_.begin_series({key.rp, key.series});
            if (!accumulator_.begin_label(key.label_value)) return ok_status();
            return add(key, value, range, &accumulator_, &step_->cells);
          });
    };
    if (Status s = read_kind(CellKind::kLabelCounts, add_counts_value); !s.ok()) return s;
    if (accumulator_.measures().empty()) return ok_status();
    return read_kind(CellKind::kLabelSketches, add_sketches_value);
  }

  Status read_slabs(TimeRange range) {
    Ranking ranking(plan_.series, *source_.dictionary, &accumulator_);
    Status status =
        for_each_cell(cells_cursor(), CellWidth::kDay, CellKind::kSlab, range, ranking.slabs(),
                      [&](const CellKey& key, std::string_view value) -> Status {
                        if (Status go = begin_value(value); !go.ok()) return go;
                        return ranking.add_slab(key, value, &step_->cells);
                      });
    if (status.ok()) ranking.finish();
    return status;
  }

  Status read_chunks(TimeRange range, bool sparse) {
    const ChunkSelection selection = accumulator_.chunk_selection();
    return for_each_chunk(raw_cursor(), range, plan_.series, sparse,
                          [&](const RawKey& key, std::string_view value) {
                            return add_chunk(key, value, range, selection);
                          });
  }

  Status add_chunk(const RawKey& key, std::string_view value, TimeRange range,
                   const ChunkSelection& selection) {
    const std::int64_t day_ms = day_begin_ms(key.day);
    const Result<ChunkSummary> summary = summarize_chunk(value, day_ms);
    if (!summary.ok()) return summary.error();
    if (summary.value().last_ms < range.begin_ms || summary.value().first_ms >= range.end_ms) {
      return ok_status();
    }
    if (Status go = begin_value(value); !go.ok()) return go;
    if (Status s = decode_chunk(value, day_ms, selection, &events_); !s.ok()) return s;
    ++step_->chunks;
    step_->events += events_.size();
    accumulator_.begin_series({key.rp, key.series});
    return accumulator_.add_events(events_, range);
  }

  Status read_live(TimeRange range) {
    ColumnsBuilder columns(&events_, accumulator_.chunk_selection());
    for (const SeriesRef& ref : live_series(source_, plan_.series)) {
      Status read = source_.live->read_pieces(ref.series, range, &columns, [&]() -> Status {
        if (Status go = begin_value({}); !go.ok()) return go;
        step_->events += events_.size();
        accumulator_.begin_series(ref);
        return accumulator_.add_events(events_, range);
      });
      if (!read.ok()) return read;
    }
    return accumulator_.status();
  }

  std::uint16_t last_day() const { return day_of(plan_.read.end_ms - 1); }
  KeyCursor* cells_cursor() {
    if (!cells_) cells_.emplace(source_, Family::kCells, cell_range(last_day()).end);
    return &*cells_;
  }
  KeyCursor* raw_cursor() {
    if (!raw_) raw_.emplace(source_, Family::kRaw, raw_range(last_day()).end);
    return &*raw_;
  }

  const ReadSource& source_;
  const AggregateRequest& request_;
  const RequestPlan& plan_;
  Accumulator accumulator_;
  std::optional<KeyCursor> cells_, raw_;
  EventColumns events_;
  ReadStep* step_ = nullptr;
};

}  // namespace

Result<AggregateResult> aggregate(const ReadSource& source, const AggregateRequest& request) {
  if (request.senders && !tells_senders(request)) {
    return Error{ErrorCode::kInvalidArgument, "senders are known by RP and hour alone", {}, 0};
  }
  Result<RequestPlan> plan = plan_aggregate(source, request);
  if (!plan.ok()) return plan.error();
  Result<AggregateResult> result = Aggregation(source, request, plan.value()).run();
  if (!result.ok() || !request.senders) return result;
  Status added = add_senders(source, request, &result.value());
  return added.ok() ? std::move(result) : added.error();
}

Result<std::vector<ReadStep>> explain_aggregate(const ReadSource& source,
                                                const AggregateRequest& request) {
  Result<RequestPlan> plan = plan_aggregate(source, request);
  if (!plan.ok()) return plan.error();
  return outline(plan.value(), source);
}

}  // namespace kpi
