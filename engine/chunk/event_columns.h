// Decoded events of one series in columns: the common form of live rows and chunks on their way
// to cells, queries and new chunks. Ids are the dictionary's. A pure value.
#pragma once
#include <cstdint>
#include <vector>

#include "kpi/event.h"

namespace kpi {

struct EventColumns {
  std::vector<std::int64_t> times_ms;
  std::vector<EventKind> kinds;        // One per event.
  std::vector<std::uint32_t> weights;  // One per event, in thousandths; empty: all 1000.

  struct Measure {
    std::uint32_t id = 0;
    std::vector<std::uint32_t> values;
    std::vector<std::uint32_t> rows;  // Ascending: the event of each value. Empty: values has one
  };                                  // per event, in order.
  std::vector<Measure> measures;      // Ascending by id, each with at least one value.

  struct Label {
    std::uint32_t name_id = 0;
    std::vector<std::uint32_t> value_ids;  // One per event; 0: the event lacks this label.
  };
  std::vector<Label> labels;  // Ascending by name_id.

  std::size_t size() const { return times_ms.size(); }
  void clear() { *this = EventColumns{}; }
};

}  // namespace kpi
