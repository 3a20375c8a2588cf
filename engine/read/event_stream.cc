#include "engine/read/event_stream.h"

#include <algorithm>
#include <limits>

namespace kpi {

std::string_view NameCache::measure(std::uint32_t id) {
  const auto [entry, is_new] = measures_.try_emplace(id);
  if (is_new) entry->second = dictionary_.measure(id);
  return entry->second;
}

std::string_view NameCache::label(std::uint32_t id) {
  const auto [entry, is_new] = labels_.try_emplace(id);
  if (is_new) entry->second = dictionary_.label(id);
  return entry->second;
}

std::string_view NameCache::label_value(std::uint32_t id) {
  const auto [entry, is_new] = values_.try_emplace(id);
  if (is_new) entry->second = dictionary_.label_value(id).value;
  return entry->second;
}

Status EventStream::add_chunk(std::string_view bytes, std::int64_t day_begin_ms) {
  const Result<ChunkSummary> summary = summarize_chunk(bytes, day_begin_ms);
  if (!summary.ok()) return summary.error();
  if (summary.value().last_ms < range_.begin_ms || summary.value().first_ms >= range_.end_ms) {
    return ok_status();
  }
  Run run;
  run.bytes = bytes;
  run.day_begin_ms = day_begin_ms;
  run.next_ms = summary.value().first_ms;
  runs_.push_back(std::move(run));
  return ok_status();
}

void EventStream::add_rows(EventColumns events) {
  Run run;
  run.events = std::move(events);
  run.next_ms = run.events.size() == 0 ? 0 : run.events.times_ms.front();
  runs_.push_back(std::move(run));
}

Status EventStream::decode(Run* run) {
  if (!run->bytes.empty()) {
    ChunkSelection everything;
    everything.all_measures = true;
    everything.labels = true;
    Status decoded = decode_chunk(run->bytes, run->day_begin_ms, everything, &run->events);
    if (!decoded.ok()) return decoded;
    run->bytes = std::string();
  }
  run->decoded = true;
  select(run);
  return ok_status();
}

void EventStream::select(Run* run) {
  const EventColumns& events = run->events;
  run->selected.resize(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    run->selected[i] = range_.contains(events.times_ms[i]) ? 1 : 0;
  }
  condition_.select(events, &run->selected);
  run->value_at.assign(events.measures.size(), 0);
}

// Moves on to the next selected event, if `row` is none. False: there is no more.
bool EventStream::settle(Run* run) const {
  while (run->row < run->selected.size() && run->selected[run->row] == 0) ++run->row;
  if (run->row == run->selected.size()) return false;
  run->next_ms = run->events.times_ms[run->row];
  return true;
}

void EventStream::fill(Run* run, Event* event) {
  const EventColumns& events = run->events;
  const std::size_t row = run->row;
  event->time_ms = events.times_ms[row];
  event->kind = events.kinds[row];
  event->weight = events.weights.empty() ? kWeightMin : events.weights[row];
  measures_.clear();
  for (std::size_t m = 0; m < events.measures.size(); ++m) {
    const EventColumns::Measure& measure = events.measures[m];
    std::size_t& at = run->value_at[m];
    if (measure.rows.empty()) {
      at = row;
    } else {
      while (at < measure.rows.size() && measure.rows[at] < row) ++at;
      if (at == measure.rows.size() || measure.rows[at] != row) continue;
    }
    measures_.push_back({names_.measure(measure.id), measure.values[at]});
  }
  labels_.clear();
  for (const EventColumns::Label& label : events.labels) {
    if (label.value_ids[row] == 0) continue;
    labels_.push_back({names_.label(label.name_id), names_.label_value(label.value_ids[row])});
  }
  event->measures = measures_;
  event->labels = labels_;
}

// Goes on with one run until another one has an earlier event.
Result<bool> EventStream::emit_from(std::size_t index, Event* event, const EventSink& sink) {
  Run& run = runs_[index];
  std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();
  for (std::size_t other = 0; other < runs_.size(); ++other) {
    if (other != index) until_ms = std::min(until_ms, runs_[other].next_ms);
  }
  while (settle(&run)) {
    if (run.next_ms > until_ms) return true;
    fill(&run, event);
    if (!sink(*event)) return false;
    ++run.row;
  }
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

Result<bool> EventStream::emit(std::string_view rp, std::string_view client,
                               const EventSink& sink) {
  condition_.set_series(rp, client);
  Event event;
  event.rp = rp;
  event.client = client;
  while (!runs_.empty()) {
    const auto first = std::min_element(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) {
      return a.next_ms < b.next_ms;
    });
    if (!first->decoded) {
      if (Status decoded = decode(&*first); !decoded.ok()) return decoded.error();
      if (!settle(&*first)) runs_.erase(first);
      continue;
    }
    const auto index = static_cast<std::size_t>(first - runs_.begin());
    const Result<bool> go_on = emit_from(index, &event, sink);
    if (!go_on.ok() || !go_on.value()) {
      runs_.clear();
      return go_on;
    }
  }
  return true;
}

}  // namespace kpi
