// Any bytes under right checksums as values of cells, two at a time: they merge to the same in
// either order, and damage stays damage. The first byte chooses
// the kind of value, the second where the first value ends.
#include <xxhash.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cell/counts_value.h"
#include "engine/cell/merge.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/cell/value_envelope.h"
#include "kpi/assert.h"
#include "kpi/sketch.h"

namespace {

using namespace kpi;

// As `bytes`, but with a version that is known and a checksum that fits.
std::string enveloped(std::string_view bytes, std::size_t covered) {
  std::string value;
  begin_value(&value);
  value.append(bytes);
  seal_value(&value, covered);
  return value;
}

bool read_counts(std::string_view value) {
  auto reader = CountsReader::open(value);
  if (!reader.ok()) return false;
  CountsCell cell;
  while (reader.value().next()) {
    reader.value().read_cell(&cell);
    KPI_ASSERT(reader.value().bucket() < kPartitionBucketsMax);
  }
  return reader.value().status().ok();
}

bool read_sketches(std::string_view value) {
  const auto reader = SketchesReader::open(value);
  if (!reader.ok()) return false;
  SketchesReader::Cursor cursor;
  bool whole = true;
  while (reader.value().next_column(&cursor)) {
    while (cursor.buckets.next()) {
      KPI_ASSERT(cursor.buckets.bucket() < kPartitionBucketsMax &&
                 !cursor.buckets.sketch().empty());
      whole = whole && SketchBuilder().merge_bytes(cursor.buckets.sketch()).ok();
    }
    whole = whole && cursor.buckets.status().ok();
    SketchBuckets found = reader.value().find(cursor.column);
    while (found.next()) {
    }
  }
  return whole;
}

bool read_slab(std::string_view value) {
  auto reader = SlabReader::open(value);
  if (!reader.ok()) return false;
  SlabEntry entry;
  while (reader.value().next(&entry)) KPI_ASSERT(entry.index < kSeriesPerSlab);
  return reader.value().status().ok();
}

struct Kind {
  CellKind kind;
  bool (*read)(std::string_view);
};
constexpr std::array<Kind, 3> kKinds = {{{CellKind::kCounts, read_counts},
                                         {CellKind::kSketches, read_sketches},
                                         {CellKind::kSlab, read_slab}}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const Kind& kind = kKinds[data[0] % kKinds.size()];
  const std::size_t cut = data[1] % (bytes.size() + 1);
  // Sketches with bodies apart have a checksum over a part of the payload.
  const std::size_t covered = data[2] == 0 ? std::string::npos : data[2];
  const std::string first = enveloped(bytes.substr(0, cut), std::min(covered, cut));
  const std::string second = enveloped(bytes.substr(cut), std::min(covered, bytes.size() - cut));
  const bool whole = kind.read(first) && kind.read(second);
  const std::array<std::string_view, 2> forth = {first, second}, back = {second, first};
  std::string merged, again;
  const bool ok = merge_cells(kind.kind, forth, &merged).ok();
  KPI_ASSERT(merge_cells(kind.kind, back, &again).ok() == ok);
  KPI_ASSERT(ok || !whole);
  if (!ok) return 0;
  KPI_ASSERT(merged == again);
  // A bucket that only one of them has is copied as it is, and its damage with it.
  KPI_ASSERT(kind.read(merged) == whole);
  return 0;
}
