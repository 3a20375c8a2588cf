// Any bytes under a right checksum: what decodes can be encoded and comes back the same.
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "engine/chunk/chunk.h"
#include "kpi/assert.h"

namespace {

bool same(const kpi::EventColumns& a, const kpi::EventColumns& b) {
  const auto measure = [](const auto& x, const auto& y) {
    return x.id == y.id && x.values == y.values && x.rows == y.rows;
  };
  const auto label = [](const auto& x, const auto& y) {
    return x.name_id == y.name_id && x.value_ids == y.value_ids;
  };
  return a.times_ms == b.times_ms && a.kinds == b.kinds && a.weights == b.weights &&
         std::equal(a.measures.begin(), a.measures.end(), b.measures.begin(), b.measures.end(),
                    measure) &&
         std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end(), label);
}

// Weights that are all 1000 are written as none.
void make_plain(kpi::EventColumns& events) {
  const auto& weights = events.weights;
  if (std::all_of(weights.begin(), weights.end(), [](auto w) { return w == kpi::kWeightMin; })) {
    events.weights.clear();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(8, '\0');
  bytes.append(reinterpret_cast<const char*>(data), size);
  const std::uint64_t hash = XXH3_64bits(data, size);
  std::memcpy(bytes.data(), &hash, sizeof hash);
  kpi::ChunkSelection all;
  all.all_measures = all.labels = true;
  kpi::EventColumns events, again;
  if (!kpi::decode_chunk(bytes, 0, all, &events).ok()) return 0;
  KPI_ASSERT(kpi::summarize_chunk(bytes, 0).ok());
  make_plain(events);
  KPI_ASSERT(kpi::decode_chunk(kpi::encode_chunk(events, {}), 0, all, &again).ok());
  KPI_ASSERT(same(events, again));
  return 0;
}
