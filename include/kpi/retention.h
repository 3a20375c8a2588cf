// What would age out of a store, without touching it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kpi/engine.h"
#include "kpi/result.h"

namespace kpi {

struct AgingDay {
  enum class Kind : std::uint8_t { kRaw, kMinute, kHour, kDay };
  Kind kind = Kind::kRaw;
  std::int64_t day_ms = 0;              // Its begin; of kDay the begin of a week of day figures.
  std::uint64_t values = 0, bytes = 0;  // Stored, keys included.
};

// By kind, then day: what Engine::apply_retention() would drop under the retention and the clock of
// `options`. Also beside a server that has the store open. Late documents are not counted.
Result<std::vector<AgingDay>> aging_days(EngineOptions options);

}  // namespace kpi
