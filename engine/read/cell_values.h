// From the bytes of cells values into an accumulator.
#pragma once
#include <cstdint>
#include <string_view>

#include "engine/key/key.h"
#include "engine/read/accumulator.h"
#include "kpi/result.h"

namespace kpi {

// Adds the buckets of a counts value that begin within `range`; *cells grows by how many.
Status add_counts_value(const CellKey& key, std::string_view value, TimeRange range,
                        Accumulator* accumulator, std::uint64_t* cells);
// The same of the measures that the accumulator wants.
Status add_sketches_value(const CellKey& key, std::string_view value, TimeRange range,
                          Accumulator* accumulator, std::uint64_t* cells);

}  // namespace kpi
