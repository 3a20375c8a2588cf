#include "engine/chunk/columns_order.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "kpi/assert.h"

namespace kpi {
namespace {

template <class T>
void permute(const std::vector<std::uint32_t>& order, std::vector<T>* column) {
  if (column->empty()) return;
  std::vector<T> sorted;
  sorted.reserve(column->size());
  for (const std::uint32_t from : order) sorted.push_back((*column)[from]);
  column->swap(sorted);
}

// `place[r]` is where row r went.
void permute_sparse(const std::vector<std::uint32_t>& place, EventColumns::Measure* measure) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cells;
  cells.reserve(measure->values.size());
  for (std::size_t i = 0; i < measure->values.size(); ++i) {
    cells.emplace_back(place[measure->rows[i]], measure->values[i]);
  }
  std::sort(cells.begin(), cells.end());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    measure->rows[i] = cells[i].first;
    measure->values[i] = cells[i].second;
  }
}

void slice_measure(const EventColumns::Measure& from, std::size_t begin, std::size_t end,
                   EventColumns* out) {
  EventColumns::Measure to{from.id, {}, {}};
  if (from.rows.empty()) {
    to.values.assign(from.values.begin() + static_cast<std::ptrdiff_t>(begin),
                     from.values.begin() + static_cast<std::ptrdiff_t>(end));
  } else {
    const auto first = std::lower_bound(from.rows.begin(), from.rows.end(), begin);
    const auto last = std::lower_bound(first, from.rows.end(), end);
    for (auto row = first; row != last; ++row) {
      to.rows.push_back(*row - static_cast<std::uint32_t>(begin));
    }
    to.values.assign(from.values.begin() + (first - from.rows.begin()),
                     from.values.begin() + (last - from.rows.begin()));
    if (to.rows.size() == end - begin) to.rows.clear();
  }
  if (!to.values.empty()) out->measures.push_back(std::move(to));
}

void slice_label(const EventColumns::Label& from, std::size_t begin, std::size_t end,
                 EventColumns* out) {
  const auto first = from.value_ids.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = from.value_ids.begin() + static_cast<std::ptrdiff_t>(end);
  if (std::all_of(first, last, [](std::uint32_t id) { return id == 0; })) return;
  out->labels.push_back({from.name_id, {first, last}});
}

}  // namespace

void sort_by_time(EventColumns* events) {
  if (std::is_sorted(events->times_ms.begin(), events->times_ms.end())) return;
  std::vector<std::uint32_t> order(events->size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return events->times_ms[a] < events->times_ms[b];
  });
  std::vector<std::uint32_t> place(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  permute(order, &events->times_ms);
  permute(order, &events->kinds);
  permute(order, &events->weights);
  for (EventColumns::Measure& measure : events->measures) {
    if (measure.rows.empty()) {
      permute(order, &measure.values);
    } else {
      permute_sparse(place, &measure);
    }
  }
  for (EventColumns::Label& label : events->labels) permute(order, &label.value_ids);
}

EventColumns slice(const EventColumns& events, std::size_t begin, std::size_t end) {
  KPI_ASSERT(begin <= end && end <= events.size());
  EventColumns out;
  const auto first = static_cast<std::ptrdiff_t>(begin), last = static_cast<std::ptrdiff_t>(end);
  out.times_ms.assign(events.times_ms.begin() + first, events.times_ms.begin() + last);
  out.kinds.assign(events.kinds.begin() + first, events.kinds.begin() + last);
  if (!events.weights.empty()) {
    out.weights.assign(events.weights.begin() + first, events.weights.begin() + last);
  }
  for (const auto& measure : events.measures) slice_measure(measure, begin, end, &out);
  for (const auto& label : events.labels) slice_label(label, begin, end, &out);
  return out;
}

}  // namespace kpi
