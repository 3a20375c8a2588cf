// A value of the family `cells` as portable cells (kpi/transfer.h). A function of its arguments.
#pragma once
#include <string_view>

#include "engine/key/key.h"
#include "engine/read/read_source.h"
#include "kpi/result.h"
#include "kpi/transfer.h"

namespace kpi {

// Hands over the buckets before the horizon of raw events; none of a slab, which follows from the
// day cells, nor of a label that is no longer rolled up. *more: whether the sink wants more.
// kCorruption.
Status visit_cells(const ReadSource& source, const CellKey& key, std::string_view value,
                   const PortableCellSink& sink, bool* more);

}  // namespace kpi
