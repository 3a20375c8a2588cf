#include "engine/cell/slab.h"

#include <algorithm>

#include "engine/cell/saturate.h"
#include "engine/cell/value_envelope.h"
#include "engine/key/partition.h"
#include "kpi/assert.h"

// payload: repeated (gap x 4 + form varint | events varint | by form), gap to the smallest index
//          that may follow; the smallest form that holds the counts is taken:
// form 0:  all successes, none weighted     form 1: failures; the rest successes, none weighted
// form 2:  successes, failures, failures_ui_shown, in plain numbers
// form 3:  weight beyond events x 1000, then the same three in thousandths
namespace kpi {
namespace {

constexpr std::string_view kWhat = "a slab";

enum Form : std::uint64_t { kSuccesses = 0, kFailures = 1, kPlain = 2, kWeighted = 3 };

Form form_of(const Counts& counts) {
  if (counts.total != counts.events * 1000) return kWeighted;
  if (counts.failures_ui_shown != 0 || counts.successes + counts.failures != counts.total) {
    return kPlain;
  }
  return counts.failures == 0 ? kSuccesses : kFailures;
}

bool consistent(const Counts& counts) {
  return counts.events > 0 && counts.events <= kCountEventsMax &&
         counts.successes <= counts.total && counts.failures <= counts.total &&
         counts.failures_ui_shown <= counts.failures;
}

bool thousandths(std::uint64_t* plain) {
  if (*plain > kCountEventsMax) return false;
  *plain *= 1000;
  return true;
}

// The fields behind `events`; false: damage, or a form that a smaller one could have replaced.
bool read_counts(ByteReader* rest, std::uint64_t form, Counts* counts) {
  if (!rest->varint(counts->events)) return false;
  if (counts->events == 0 || counts->events > kCountEventsMax) return false;
  counts->total = counts->events * 1000;
  counts->failures = counts->failures_ui_shown = 0;
  if (form == kSuccesses) {
    counts->successes = counts->total;
    return true;
  }
  if (form == kFailures) {
    if (!rest->varint(counts->failures) || counts->failures == 0) return false;
    if (counts->failures > counts->events) return false;
    counts->failures *= 1000;
    counts->successes = counts->total - counts->failures;
    return true;
  }
  std::uint64_t excess = 0;
  if (form == kWeighted && !rest->varint(excess)) return false;
  if (excess > UINT64_MAX - counts->total) return false;
  counts->total += excess;
  if (!rest->varint(counts->successes) || !rest->varint(counts->failures) ||
      !rest->varint(counts->failures_ui_shown)) {
    return false;
  }
  if (form == kPlain && (!thousandths(&counts->successes) || !thousandths(&counts->failures) ||
                         !thousandths(&counts->failures_ui_shown))) {
    return false;
  }
  return consistent(*counts) && form_of(*counts) == form;
}

}  // namespace

void add_counts(Counts* sum, const Counts& other) {
  sum->events = std::min(saturating_add(sum->events, other.events), kCountEventsMax);
  sum->total = saturating_add(sum->total, other.total);
  sum->successes = saturating_add(sum->successes, other.successes);
  sum->failures = saturating_add(sum->failures, other.failures);
  sum->failures_ui_shown = saturating_add(sum->failures_ui_shown, other.failures_ui_shown);
}

Counts summary_of(std::span<const KindCount> cell) {
  Counts sum;
  for (const KindCount& count : cell) {
    const bool failed = count.kind.outcome() == Outcome::kFailure;
    const bool shown = failed && count.kind.ui_shown() == UiShown::kYes;
    const bool succeeded = count.kind.outcome() == Outcome::kSuccess;
    add_counts(&sum, {count.events, count.weight, succeeded ? count.weight : 0,
                      failed ? count.weight : 0, shown ? count.weight : 0});
  }
  return sum;
}

Result<SlabReader> SlabReader::open(std::string_view value) {
  auto payload = open_value(value, kWhat);
  if (!payload.ok()) return std::move(payload).error();
  return SlabReader(payload.value());
}

bool SlabReader::next(SlabEntry* entry) {
  if (damaged_ || rest_.done()) return false;
  std::uint64_t head = 0;
  if (!rest_.varint(head) || head / 4 >= kSeriesPerSlab - next_index_ ||
      !read_counts(&rest_, head & 3, &entry->counts)) {
    damaged_ = true;
    return false;
  }
  entry->index = next_index_ + static_cast<std::uint32_t>(head / 4);
  next_index_ = entry->index + 1;
  return true;
}

Status SlabReader::status() const {
  if (damaged_) return damaged(kWhat, "has a series that cannot be read");
  return ok_status();
}

void SlabWriter::begin() {
  begin_value(&value_);
  next_index_ = 0;
}

void SlabWriter::add(const SlabEntry& entry) {
  const Counts& counts = entry.counts;
  KPI_ASSERT(entry.index >= next_index_ && entry.index < kSeriesPerSlab);
  KPI_ASSERT(consistent(counts) && counts.total >= counts.events * 1000);
  const Form form = form_of(counts);
  const std::uint64_t unit = form == kWeighted ? 1 : 1000;
  append_varint(value_, (entry.index - next_index_) * 4 + form);
  append_varint(value_, counts.events);
  if (form == kFailures) append_varint(value_, counts.failures / unit);
  if (form == kWeighted) append_varint(value_, counts.total - counts.events * 1000);
  if (form >= kPlain) {
    append_varint(value_, counts.successes / unit);
    append_varint(value_, counts.failures / unit);
    append_varint(value_, counts.failures_ui_shown / unit);
  }
  next_index_ = entry.index + 1;
}

std::string_view SlabWriter::finish() {
  seal_value(&value_);
  return value_;
}

}  // namespace kpi
