#include "engine/cell/minute_gather.h"

namespace kpi {
namespace {

// Scatters `from` into `*to` by minute_of(index). Begins are left as indexes into *to.
template <class Item, class MinuteOf>
void counting_sort(const std::vector<Item>& from, MinuteOf minute_of, std::vector<Item>* to,
                   std::array<std::uint32_t, kMinutesPerDay + 1>* begins) {
  begins->fill(0);
  if (to->size() < from.size()) to->resize(from.size());
  std::array<std::uint32_t, kMinutesPerDay> next{};
  for (std::size_t i = 0; i < from.size(); ++i) ++next[minute_of(i)];
  std::uint32_t total = 0;
  for (std::uint32_t minute = 0; minute < kMinutesPerDay; ++minute) {
    (*begins)[minute] = total;
    total += next[minute];
    next[minute] = (*begins)[minute];
  }
  begins->back() = total;
  for (std::size_t i = 0; i < from.size(); ++i) (*to)[next[minute_of(i)]++] = from[i];
}

}  // namespace

void MinuteOrder::sort(const MinuteGather& gather) {
  counting_sort(
      gather.items, [&](std::size_t i) { return gather.minutes[i]; }, &plain_, &plain_begin_);
  counting_sort(
      gather.weighted, [&](std::size_t i) { return gather.weighted[i].minute; }, &weighted_,
      &weighted_begin_);
}

ItemSlice MinuteOrder::slice(std::uint32_t minute_begin, std::uint32_t minute_end) const {
  const auto part = [&](const auto& items, const Begins& begins) {
    return std::span(items).subspan(begins[minute_begin],
                                    begins[minute_end] - begins[minute_begin]);
  };
  return {part(plain_, plain_begin_), part(weighted_, weighted_begin_)};
}

}  // namespace kpi
