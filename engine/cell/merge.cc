#include "engine/cell/merge.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <tuple>
#include <vector>

#include "engine/cell/counts_value.h"
#include "engine/cell/sketches_value.h"
#include "engine/cell/slab.h"
#include "kpi/assert.h"
#include "kpi/sketch.h"

namespace kpi {
namespace {

// One bucket of one operand, still encoded. Its column is the default one in counts values.
struct Piece {
  SketchColumn column;
  std::uint32_t bucket = 0;
  std::string_view bytes;
  bool same_place(const Piece& other) const {
    return bucket == other.bucket && column == other.column;
  }
  bool operator<(const Piece& other) const {
    return std::tie(column, bucket) < std::tie(other.column, other.bucket);
  }
};

// Operands are mostly of times one after another, so what was gathered is often in order already.
void sort_pieces(std::vector<Piece>* pieces) {
  if (!std::is_sorted(pieces->begin(), pieces->end())) std::sort(pieces->begin(), pieces->end());
}

// Calls visit(run) for each run of pieces of the same place, until it gives an error.
template <class Visit>
Status for_each_run(const std::vector<Piece>& pieces, Visit visit) {
  for (std::size_t begin = 0, end = 0; begin < pieces.size(); begin = end) {
    for (end = begin + 1; end < pieces.size() && pieces[end].same_place(pieces[begin]);) ++end;
    Status status = visit(std::span(pieces).subspan(begin, end - begin));
    if (!status.ok()) return status;
  }
  return ok_status();
}

Status gather_counts(std::string_view value, std::vector<Piece>* pieces) {
  auto reader = CountsReader::open(value);
  if (!reader.ok()) return std::move(reader).error();
  while (reader.value().next()) {
    pieces->push_back({{}, reader.value().bucket(), reader.value().cell_bytes()});
  }
  return reader.value().status();
}

Status gather_sketches(std::string_view value, std::vector<Piece>* pieces) {
  auto reader = SketchesReader::open(value);
  if (!reader.ok()) return std::move(reader).error();
  for (SketchesReader::Cursor cursor; reader.value().next_column(&cursor);) {
    while (cursor.buckets.next()) {
      pieces->push_back({cursor.column, cursor.buckets.bucket(), cursor.buckets.sketch()});
    }
    Status status = cursor.buckets.status();
    if (!status.ok()) return status;
  }
  return ok_status();
}

Status gather_slab(std::string_view value, std::vector<SlabEntry>* entries) {
  auto reader = SlabReader::open(value);
  if (!reader.ok()) return std::move(reader).error();
  for (SlabEntry entry; reader.value().next(&entry);) entries->push_back(entry);
  return reader.value().status();
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

}  // namespace

Status merge_counts(std::span<const std::string_view> values, std::string* merged) {
  std::vector<Piece> pieces;
  for (const std::string_view value : values) {
    Status status = gather_counts(value, &pieces);
    if (!status.ok()) return status;
  }
  sort_pieces(&pieces);
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
  std::vector<Piece> pieces;
  for (const std::string_view value : values) {
    Status status = gather_sketches(value, &pieces);
    if (!status.ok()) return status;
  }
  sort_pieces(&pieces);
  SketchesWriter writer;
  writer.begin();
  SketchBuilder builder;
  const Piece* previous = nullptr;
  Status status = for_each_run(pieces, [&](std::span<const Piece> run) -> Status {
    if (previous == nullptr || previous->column != run[0].column) {
      writer.begin_column(run[0].column);
    }
    previous = &run[0];
    if (run.size() == 1) {
      writer.add(run[0].bucket, run[0].bytes);
      return ok_status();
    }
    for (const Piece& piece : run) {
      Status added = builder.merge_bytes(piece.bytes);
      if (!added.ok()) return added;
    }
    writer.add(run[0].bucket, builder.build().bytes());
    return ok_status();
  });
  if (status.ok()) merged->assign(writer.finish());
  return status;
}

Status merge_slabs(std::span<const std::string_view> values, std::string* merged) {
  std::vector<SlabEntry> entries;
  for (const std::string_view value : values) {
    Status status = gather_slab(value, &entries);
    if (!status.ok()) return status;
  }
  const auto by_index = [](const SlabEntry& a, const SlabEntry& b) { return a.index < b.index; };
  std::sort(entries.begin(), entries.end(), by_index);
  SlabWriter writer;
  writer.begin();
  for (std::size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    SlabEntry sum = entries[begin];
    for (end = begin + 1; end < entries.size() && entries[end].index == sum.index; ++end) {
      add_counts(&sum.counts, entries[end].counts);
    }
    writer.add(sum);
  }
  merged->assign(writer.finish());
  return ok_status();
}

Status merge_cells(CellKind kind, std::span<const std::string_view> values, std::string* merged) {
  switch (kind) {
    case CellKind::kCounts:
      return merge_counts(values, merged);
    case CellKind::kSketches:
      return merge_sketches(values, merged);
    case CellKind::kSlab:
      return merge_slabs(values, merged);
  }
  KPI_ASSERT(false);
}

}  // namespace kpi
