// What every answer obeys and says: limits of rows and bytes, and the range it covers.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "kpi/query.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi::query {

Error beyond_rows_max(std::size_t rows, std::size_t rows_max);
Error too_many_bytes(std::size_t bytes_max);
// What a row of a table takes in memory, its share of the allocator's included.
std::size_t bytes_of(const std::vector<Value>& row);
// A note where a bounded end of the asked range lies beyond what finer data can still answer.
void note_coverage(const TimeRange& asked, const TimeRange& covered,
                   std::vector<std::string>& notes);

}  // namespace kpi::query
