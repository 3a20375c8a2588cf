#include "engine/read/accumulator.h"

#include <algorithm>

#include "engine/cell/slab.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

Counts counts_of(EventKind kind, std::uint64_t events, std::uint64_t weight) {
  Counts counts;
  counts.events = events;
  counts.total = weight;
  if (kind.outcome() == Outcome::kSuccess) counts.successes = weight;
  if (kind.outcome() == Outcome::kFailure) counts.failures = weight;
  if (kind.outcome() == Outcome::kFailure && kind.ui_shown() == UiShown::kYes) {
    counts.failures_ui_shown = weight;
  }
  return counts;
}

bool uses_series(const Conjuncts& conjuncts) {
  return std::any_of(conjuncts.begin(), conjuncts.end(), [](const Predicate* predicate) {
    return (needs_of(*predicate) & kNeedsSeries) != 0;
  });
}

void sort_unique(std::vector<std::uint32_t>* ids) {
  std::sort(ids->begin(), ids->end());
  ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
}

}  // namespace

Accumulator::Accumulator(const AggregateRequest& request, const Filter& filter,
                         const Dictionary& dictionary)
    : request_(request),
      dictionary_(dictionary),
      buckets_(request.bucket_width_ms, request.bucket_origin_ms),
      kind_needs_series_(uses_series(filter.kind)),
      kind_condition_(filter.kind, dictionary),
      event_condition_(filter.event, dictionary),
      column_of_request_(request.measures.size()),
      keys_(request.group_by, dictionary),
      groups_(request.groups_max) {
  for (const std::string& name : request.measures) {
    if (const auto id = dictionary.find_measure(name)) measures_.push_back(*id);
  }
  sort_unique(&measures_);
  for (std::size_t i = 0; i < request.measures.size(); ++i) {
    const auto id = dictionary.find_measure(request.measures[i]);
    if (!id) continue;
    const auto at = std::lower_bound(measures_.begin(), measures_.end(), *id);
    // A name that a commit brought in since has no values in what is read here.
    if (at == measures_.end() || *at != *id) continue;
    column_of_request_[i] = static_cast<std::size_t>(at - measures_.begin());
  }
  if (!measures_.empty()) sketches_.emplace(measures_.size());
  chunk_measures_ = measures_;
  chunk_labels_ = keys_.by_labels();
  event_condition_.add_columns(&chunk_measures_, &chunk_labels_);
  sort_unique(&chunk_measures_);
}

ChunkSelection Accumulator::chunk_selection() const {
  ChunkSelection selection;
  selection.measures = chunk_measures_;
  selection.labels = chunk_labels_;
  return selection;
}

void Accumulator::begin_series(SeriesRef series) {
  series_key_ = series.series == 0 ? 0 : series_key(series);
  if (series.series == 0) return;
  if (kind_needs_series_) kinds_.clear();
  if (kind_condition_.always() && event_condition_.always()) return;
  const std::string_view rp = dictionary_.rp(series.rp);
  const std::string_view client = dictionary_.series(series.series).client;
  kind_condition_.set_series(rp, client);
  event_condition_.set_series(rp, client);
}

bool Accumulator::begin_label(std::uint32_t value_id) {
  kinds_.clear();
  label_value_ = value_id;
  if (!event_condition_.may_hold_for_label(value_id)) return false;
  label_key_ = keys_.of_label(value_id);
  return true;
}

const Accumulator::KindInfo& Accumulator::kind_info(EventKind kind) {
  const auto [entry, is_new] = kinds_.try_emplace(kind.packed());
  if (is_new) {
    const bool wanted = kind_condition_.holds_for_kind(kind) &&
                        (!label_value_ || event_condition_.holds_for_label(kind, *label_value_));
    entry->second = {wanted, 0};
    if (entry->second.wanted) entry->second.key = keys_.of_kind(kind);
  }
  return entry->second;
}

std::uint32_t Accumulator::group_at(std::int64_t time_ms, const GroupParts& parts) {
  const std::uint32_t group = groups_.find_or_add({buckets_.begin_of(time_ms), parts});
  if (group == kNoGroup) over_limit_ = true;
  return group;
}

void Accumulator::add_kind(std::int64_t time_ms, const KindCount& count) {
  const KindInfo& info = kind_info(count.kind);
  if (!info.wanted) return;
  const std::uint32_t group = group_at(time_ms, {series_key_, info.key, label_key_});
  if (group == kNoGroup) return;
  kpi::add_counts(&groups_.counts(group), counts_of(count.kind, count.events, count.weight));
}

void Accumulator::add_counts(std::int64_t time_ms, std::uint32_t series_key, const Counts& counts) {
  const std::uint32_t group = group_at(time_ms, {series_key, keys_.of_kind(EventKind()), 0});
  if (group != kNoGroup) kpi::add_counts(&groups_.counts(group), counts);
}

Status Accumulator::add_sketch(std::int64_t time_ms, std::size_t measure, Outcome outcome,
                               std::string_view bytes) {
  const KindInfo& info = kind_info(EventKind(outcome, UiShown::kUnknown));
  if (!info.wanted) return ok_status();
  const std::uint32_t group = group_at(time_ms, {series_key_, info.key, label_key_});
  if (group == kNoGroup) return status();
  return sketches_->add_slice(group, measure, bytes);
}

Status Accumulator::status() const {
  if (!over_limit_) return ok_status();
  return Error{ErrorCode::kLimitExceeded,
               "the answer has more than " + std::to_string(request_.groups_max) + " groups",
               "narrow the range, widen the buckets or group by less"};
}

Status Accumulator::add_events(const EventColumns& events, TimeRange range) {
  select(events, range);
  keys_.of_labels(events, &label_keys_);
  count_events(events);
  for (const EventColumns::Measure& values : events.measures) {
    const auto at = std::lower_bound(measures_.begin(), measures_.end(), values.id);
    if (at == measures_.end() || *at != values.id) continue;
    Status added = add_measure(static_cast<std::size_t>(at - measures_.begin()), events, values);
    if (!added.ok()) return added;
  }
  return status();
}

void Accumulator::select(const EventColumns& events, TimeRange range) {
  selected_.resize(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    selected_[i] = range.contains(events.times_ms[i]) ? 1 : 0;
  }
  kind_condition_.select(events, &selected_);
  event_condition_.select(events, &selected_);
}

void Accumulator::count_events(const EventColumns& events) {
  group_of_row_.assign(events.size(), kNoGroup);
  EventKind last_kind;
  std::uint32_t kind_key = keys_.of_kind(last_kind);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (selected_[i] == 0) continue;
    if (events.kinds[i] != last_kind) {
      last_kind = events.kinds[i];
      kind_key = keys_.of_kind(last_kind);
    }
    const std::uint32_t group =
        group_at(events.times_ms[i], {series_key_, kind_key, label_keys_[i]});
    if (group == kNoGroup) return;
    group_of_row_[i] = group;
    const std::uint32_t weight = events.weights.empty() ? kWeightMin : events.weights[i];
    kpi::add_counts(&groups_.counts(group), counts_of(events.kinds[i], 1, weight));
  }
}

void Accumulator::gather(const EventColumns& events, const EventColumns::Measure& values) {
  entries_.clear();
  for (std::size_t i = 0; i < values.values.size(); ++i) {
    const std::size_t row = values.rows.empty() ? i : values.rows[i];
    const std::uint32_t group = group_of_row_[row];
    if (group == kNoGroup) continue;
    const std::uint32_t weight = events.weights.empty() ? kWeightMin : events.weights[row];
    entries_.push_back({group, values.values[i], weight});
  }
  const auto by_group = [](const Entry& a, const Entry& b) { return a.group < b.group; };
  if (!std::is_sorted(entries_.begin(), entries_.end(), by_group)) {
    std::sort(entries_.begin(), entries_.end(), by_group);
  }
}

Status Accumulator::add_measure(std::size_t measure, const EventColumns& events,
                                const EventColumns::Measure& values) {
  gather(events, values);
  for (std::size_t begin = 0, end = 0; begin < entries_.size(); begin = end) {
    const std::uint32_t group = entries_[begin].group;
    values_.clear();
    weights_.clear();
    bool weighted = false;
    for (; end < entries_.size() && entries_[end].group == group; ++end) {
      values_.push_back(entries_[end].value);
      weights_.push_back(entries_[end].weight);
      weighted |= entries_[end].weight != kWeightMin;
    }
    if (!weighted) weights_.clear();
    Status added = sketches_->add_values(group, measure, values_, weights_);
    if (!added.ok()) return added;
  }
  return ok_status();
}

Result<AggregateResult> Accumulator::finish() {
  if (Status status = this->status(); !status.ok()) return status.error();
  AggregateResult result;
  result.size = groups_.size();
  result.keys.resize(request_.group_by.size());
  for (std::size_t column = 0; column < result.keys.size(); ++column) {
    result.keys[column].reserve(result.size);
    for (std::size_t group = 0; group < result.size; ++group) {
      result.keys[column].push_back(keys_.text(column, groups_.key(group).parts));
    }
  }
  if (request_.bucket_width_ms != 0) {
    for (std::size_t group = 0; group < result.size; ++group) {
      result.bucket_begin_ms.push_back(groups_.key(group).bucket_begin_ms);
    }
  }
  result.names = keys_.names();
  std::vector<std::vector<Sketch>> sketches;
  if (sketches_) {
    auto built = sketches_->build(result.size);
    if (!built.ok()) return built.error();
    sketches = std::move(built).value();
  }
  std::vector<std::size_t> uses(measures_.size(), 0);
  for (const auto& column : column_of_request_) {
    if (column) ++uses[*column];
  }
  for (const auto& column : column_of_request_) {
    if (!column) {
      result.sketches.emplace_back(result.size);
    } else if (--uses[*column] > 0) {
      result.sketches.push_back(sketches[*column]);
    } else {
      result.sketches.push_back(std::move(sketches[*column]));
    }
  }
  result.counts = groups_.take_counts();
  return result;
}

}  // namespace kpi
