// The series a request is about, in the order of keys.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/dictionary/dictionary.h"
#include "engine/read/filter.h"

namespace kpi {

struct SeriesRef {
  std::uint32_t rp = 0, series = 0;
  auto operator<=>(const SeriesRef&) const = default;
};

class SeriesSet {
 public:
  static SeriesSet all() { return SeriesSet(true, {}); }
  static SeriesSet of(std::vector<SeriesRef> ascending) {  // {0, 0}: the key of "all".
    return SeriesSet(false, std::move(ascending));
  }
  // Those of the dictionary that meet `conjuncts`, which need no more than the series.
  static SeriesSet select(const Conjuncts& conjuncts, const Dictionary& dictionary);

  bool is_all() const { return all_; }
  const std::vector<SeriesRef>& list() const { return list_; }  // Ascending; empty if is_all().
  std::size_t size(const Dictionary& dictionary) const {
    return all_ ? dictionary.count(NameKind::kSeries) : list_.size();
  }
  bool contains(SeriesRef ref) const { return at_or_after(ref) == ref; }
  // The first member not below `ref`. Of all series: `ref` itself, past the key of "all".
  std::optional<SeriesRef> at_or_after(SeriesRef ref) const;

 private:
  SeriesSet(bool all, std::vector<SeriesRef> list) : all_(all), list_(std::move(list)) {}
  bool all_;
  std::vector<SeriesRef> list_;
};

}  // namespace kpi
