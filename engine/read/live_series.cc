#include "engine/read/live_series.h"

#include <algorithm>

namespace kpi {
namespace {

constexpr std::size_t kAskedOneByOneMax = 256;

}  // namespace

std::vector<SeriesRef> live_series(const ReadSource& source, const SeriesSet& series) {
  if (!series.is_all() && series.list().size() <= kAskedOneByOneMax) return series.list();
  std::vector<SeriesRef> live;
  const std::vector<std::uint32_t> ids = source.live->series();
  if (ids.empty()) return live;
  const std::vector<std::uint32_t> rp_of_series = source.dictionary->rp_of_series();
  for (const std::uint32_t id : ids) {
    const SeriesRef ref{rp_of_series[id], id};
    if (series.contains(ref)) live.push_back(ref);
  }
  std::sort(live.begin(), live.end());
  return live;
}

}  // namespace kpi
