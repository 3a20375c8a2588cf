// Which series of a set may have live events.
#pragma once
#include <vector>

#include "engine/read/read_source.h"
#include "engine/read/series_set.h"

namespace kpi {

// Ascending. Some may have none after all.
std::vector<SeriesRef> live_series(const ReadSource& source, const SeriesSet& series);

}  // namespace kpi
