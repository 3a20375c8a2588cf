// Chunks: the events of one series and (part of) one UTC day as bytes in compressed columns
// (engine/FORMAT.md). Pure functions, safe from any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/chunk/event_columns.h"
#include "kpi/limits.h"
#include "kpi/result.h"

namespace kpi {

inline constexpr std::size_t kChunkEventsMax = 65'536;  // Callers split what is more.
// Values of all measures, and of all labels, in one chunk: bounds the memory of a decode.
inline constexpr std::size_t kChunkValuesMax = kChunkEventsMax * kMeasuresPerEventMax;

// Measure ids of an identity that nearly always holds: target = parts[0] + parts[1] + parts[2].
// The target is then kept as its difference from that sum where this is shorter. 0: no rule.
struct ResidualRule {
  std::uint32_t target = 0;
  std::uint32_t parts[3] = {0, 0, 0};
};

// Requires 1..kChunkEventsMax events of one UTC day in ascending order of time, weights within
// kWeightMin..kWeightMax, valid kinds, and at most kChunkValuesMax values. Equal events give equal
// bytes; `weights` of 1000 only, and `rows` that name every event, come back empty.
std::string encode_chunk(const EventColumns& events, const ResidualRule& rule);

// Which columns a reader wants; times it always gets. An unwanted column comes back empty.
struct ChunkSelection {
  bool kinds = true;
  bool weights = true;
  bool all_measures = false;
  std::span<const std::uint32_t>
      measures;  // Ids, in any order; those the chunk lacks are left out.
  bool labels = false;
};

// Replaces *out, reusing its memory. Checks the checksum over all and every length and position:
// kCorruption, and then *out is unspecified; kUnsupported for a newer version.
Status decode_chunk(std::string_view bytes, std::int64_t day_begin_ms,
                    const ChunkSelection& selection, EventColumns* out);

struct ChunkSummary {
  std::uint32_t events = 0;
  std::int64_t first_ms = 0, last_ms = 0;  // Both inclusive.
};
// Reads the header only, without the checksum: for planning, never for answers.
Result<ChunkSummary> summarize_chunk(std::string_view bytes, std::int64_t day_begin_ms);

}  // namespace kpi
