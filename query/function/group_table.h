// The groups that a store answered, as expressions read them: columns by group.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "kpi/store.h"

namespace kpi::query {

struct GroupTable {
  std::size_t size = 0;
  std::vector<std::int64_t> bucket_begin_ms;        // Empty without a time bucket.
  std::vector<std::vector<std::string_view>> keys;  // [key][group]; data() == nullptr: NULL.
  std::vector<Counts> counts;
  std::vector<SenderCounts> senders;          // [group]; empty unless asked for.
  std::vector<std::uint64_t> loud;            // [group], too; empty with a calendar's buckets.
  std::vector<std::vector<Sketch>> sketches;  // [measure][group]
  std::vector<std::vector<Sketch>> success_sketches;  // [measure][group], of successes alone.
  std::vector<bool> hidden;      // [group]: its aggregates are NULL. Empty: none is.
  std::uint64_t values_min = 0;  // Sketches of fewer values than this answer NULL.
  std::vector<std::shared_ptr<const void>> names;  // Keep the views of `keys` alive.
};

}  // namespace kpi::query
