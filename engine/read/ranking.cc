#include "engine/read/ranking.h"

#include <algorithm>

#include "engine/cell/slab.h"

namespace kpi {

Ranking::Ranking(const SeriesSet& series, const Dictionary& dictionary, Accumulator* accumulator)
    : accumulator_(*accumulator) {
  const std::vector<std::uint32_t> rp_of_series = dictionary.rp_of_series();
  counts_.resize(rp_of_series.size());
  key_of_.assign(rp_of_series.size(), kNoGroup);
  const auto add = [&](SeriesRef ref) {
    const std::uint32_t key = accumulator->series_key(ref);
    key_of_[ref.series] = key;
    keys_ = std::max(keys_, key + 1);
  };
  if (series.is_all()) {
    for (std::uint32_t id = 1; id < rp_of_series.size(); ++id) add({rp_of_series[id], id});
  } else {
    for (const SeriesRef& ref : series.list()) {
      if (ref.series < rp_of_series.size()) add(ref);
    }
  }
  by_key_.resize(keys_);
}

SeriesSet Ranking::slabs() const {
  std::vector<SeriesRef> slabs;
  for (std::uint32_t id = 1; id < key_of_.size(); ++id) {
    const SeriesRef slab{0, slab_of(id)};
    if (key_of_[id] != kNoGroup && (slabs.empty() || slabs.back() != slab)) slabs.push_back(slab);
  }
  return SeriesSet::of(std::move(slabs));
}

Status Ranking::add_slab(const CellKey& key, std::string_view value, std::uint64_t* cells) {
  const std::int64_t time_ms = day_begin_ms(key.first_day);
  if (has_counts_ && accumulator_.bucket_of(time_ms) != accumulator_.bucket_of(time_ms_)) hand_on();
  time_ms_ = time_ms;
  has_counts_ = true;
  Result<SlabReader> opened = SlabReader::open(value);
  if (!opened.ok()) return opened.error();
  SlabEntry entry;
  const std::size_t first = std::size_t{key.series} * kSeriesPerSlab;
  while (opened.value().next(&entry)) {
    if (first + entry.index >= counts_.size()) {
      return Error{ErrorCode::kCorruption, "a slab names a series that does not exist"};
    }
    add_counts(&counts_[first + entry.index], entry.counts);
    ++*cells;
  }
  return opened.value().status();
}

void Ranking::finish() {
  if (has_counts_) hand_on();
}

void Ranking::hand_on() {
  has_counts_ = false;
  for (std::size_t id = 1; id < counts_.size(); ++id) {
    if (counts_[id].events == 0) continue;
    if (key_of_[id] != kNoGroup) add_counts(&by_key_[key_of_[id]], counts_[id]);
    counts_[id] = Counts{};
  }
  for (std::uint32_t key = 0; key < keys_; ++key) {
    if (by_key_[key].events == 0) continue;
    accumulator_.add_counts(time_ms_, key, by_key_[key]);
    by_key_[key] = Counts{};
  }
}

}  // namespace kpi
