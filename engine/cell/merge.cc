#include "engine/cell/merge.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/cell/counts_value.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "engine/cell/value_envelope.h"
#include "kpi/assert.h"
#include "kpi/sketch.h"

namespace kpi {
namespace {

// One bucket of one operand, still encoded.
struct Piece {
  std::uint32_t bucket = 0;
  std::string_view bytes;
};
using Pieces = std::vector<Piece>;

// Operands are mostly of times one after another, so pieces are often in order already. Where not,
// they are many in few buckets: a counting sort.
void sort_by_bucket(Pieces* pieces) {
  const auto before = [](const Piece& a, const Piece& b) { return a.bucket < b.bucket; };
  if (std::is_sorted(pieces->begin(), pieces->end(), before)) return;
  const auto last = std::max_element(pieces->begin(), pieces->end(), before)->bucket;
  std::vector<std::size_t> next(last + 2);
  for (const Piece& piece : *pieces) ++next[piece.bucket + 1];
  for (std::size_t bucket = 0; bucket <= last; ++bucket) next[bucket + 1] += next[bucket];
  Pieces sorted(pieces->size());
  for (const Piece& piece : *pieces) sorted[next[piece.bucket]++] = piece;
  pieces->swap(sorted);
}

// Calls visit(run) for each run of pieces of the same bucket, until it gives an error.
template <class Visit>
Status for_each_run(const Pieces& pieces, Visit visit) {
  for (std::size_t begin = 0, end = 0; begin < pieces.size(); begin = end) {
    for (end = begin + 1; end < pieces.size() && pieces[end].bucket == pieces[begin].bucket;) ++end;
    Status status = visit(std::span(pieces).subspan(begin, end - begin));
    if (!status.ok()) return status;
  }
  return ok_status();
}

Status gather_counts(std::string_view value, Pieces* pieces) {
  auto reader = CountsReader::open(value);
  if (!reader.ok()) return std::move(reader).error();
  while (reader.value().next()) {
    pieces->push_back({reader.value().bucket(), reader.value().cell_bytes()});
  }
  return reader.value().status();
}

using Columns = std::map<SketchColumn, Pieces>;

Status gather_sketches(std::string_view value, Columns* columns) {
  auto reader = SketchesReader::open(value);
  if (!reader.ok()) return std::move(reader).error();
  auto hint = columns->begin();  // Operands mostly have the same columns in the same order.
  for (SketchesReader::Cursor cursor; reader.value().next_column(&cursor); ++hint) {
    hint = columns->try_emplace(hint, cursor.column);
    while (cursor.buckets.next()) {
      hint->second.push_back({cursor.buckets.bucket(), cursor.buckets.sketch()});
    }
    Status status = cursor.buckets.status();
    if (!status.ok()) return status;
  }
  return ok_status();
}

// Sorting once keeps operands of very many kinds from costing the square of their number.
Status sum_counts(std::span<const Piece> run, CountsCell* sum) {
  sum->clear();
  for (const Piece& piece : run) {
    CountsCellReader reader(piece.bytes);
    for (KindCount count; reader.next(&count);) sum->push_back(count);
    Status status = reader.status();
    if (!status.ok()) return status;
  }
  fold_counts(sum);
  return ok_status();
}

Status write_sketch(std::span<const Piece> run, SketchBuilder* builder, SketchesWriter* writer) {
  if (run.size() == 1) {
    writer->add(run[0].bucket, run[0].bytes);
    return ok_status();
  }
  for (const Piece& piece : run) {
    Status added = builder->merge_bytes(piece.bytes);
    if (!added.ok()) return added;
  }
  writer->add(run[0].bucket, builder->build().bytes());
  return ok_status();
}

}  // namespace

Status merge_counts(std::span<const std::string_view> values, std::string* merged) {
  Pieces pieces;
  for (const std::string_view value : values) {
    Status status = gather_counts(value, &pieces);
    if (!status.ok()) return status;
  }
  sort_by_bucket(&pieces);
  CountsWriter writer;
  writer.begin();
  CountsCell sum;
  Status status = for_each_run(pieces, [&](std::span<const Piece> run) -> Status {
    if (run.size() == 1) {
      writer.add_bytes(run[0].bucket, run[0].bytes);
      return ok_status();
    }
    Status summed = sum_counts(run, &sum);
    if (summed.ok()) writer.add(run[0].bucket, sum);
    return summed;
  });
  if (status.ok()) merged->assign(writer.finish());
  return status;
}

Status merge_sketches(std::span<const std::string_view> values, std::string* merged) {
  Columns columns;
  for (const std::string_view value : values) {
    Status status = gather_sketches(value, &columns);
    if (!status.ok()) return status;
  }
  SketchesWriter writer;
  writer.begin();
  SketchBuilder builder;
  for (auto& [column, pieces] : columns) {
    writer.begin_column(column);
    sort_by_bucket(&pieces);
    Status status = for_each_run(
        pieces, [&](std::span<const Piece> run) { return write_sketch(run, &builder, &writer); });
    if (!status.ok()) return status;
  }
  merged->assign(writer.finish());
  return ok_status();
}

Status merge_slabs(std::span<const std::string_view> values, std::string* merged) {
  std::vector<Counts> sums(kSeriesPerSlab);
  for (const std::string_view value : values) {
    auto reader = SlabReader::open(value);
    if (!reader.ok()) return std::move(reader).error();
    for (SlabEntry entry; reader.value().next(&entry);) {
      add_counts(&sums[entry.index], entry.counts);
    }
    Status status = reader.value().status();
    if (!status.ok()) return status;
  }
  SlabWriter writer;
  writer.begin();
  for (std::uint32_t index = 0; index < kSeriesPerSlab; ++index) {
    if (sums[index].events > 0) writer.add({index, sums[index]});
  }
  merged->assign(writer.finish());
  return ok_status();
}

Status merge_cells(CellKind kind, std::span<const std::string_view> values, std::string* merged) {
  switch (kind) {
    case CellKind::kCounts:
    case CellKind::kLabelCounts:
      return merge_counts(values, merged);
    case CellKind::kSketches:
    case CellKind::kLabelSketches:
      return merge_sketches(values, merged);
    case CellKind::kSlab:
      return merge_slabs(values, merged);
    case CellKind::kSenders:
      return damaged("a senders value", "was merged, which they never are");
  }
  KPI_ASSERT(false);
}

}  // namespace kpi
