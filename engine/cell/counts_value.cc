#include "engine/cell/counts_value.h"

#include <algorithm>

#include "engine/cell/saturate.h"
#include "engine/cell/value_envelope.h"
#include "engine/key/partition.h"
#include "kpi/assert.h"

// payload: repeated (bucket gap varint | size varint | cell), the first gap from 0, later ones >= 1
// cell:    (kinds x 2 + weighted) varint | per kind: kind gap varint | events varint |
//          if weighted: weight - 1000 x events, varint
// `weighted` is set exactly if one of those differences is not 0, so equal cells have equal bytes.
namespace kpi {
namespace {

constexpr std::string_view kWhat = "a counts value";

void append_cell(std::string* out, std::span<const KindCount> cell) {
  const bool weighted = std::any_of(cell.begin(), cell.end(), [](const KindCount& count) {
    return count.weight != count.events * 1000;
  });
  append_varint(*out, cell.size() * 2 + (weighted ? 1 : 0));
  std::uint32_t previous = 0;
  for (const KindCount& count : cell) {
    KPI_ASSERT(count.events > 0 && count.events <= kCountEventsMax);
    KPI_ASSERT(count.weight >= count.events * 1000);
    KPI_ASSERT(&count == cell.data() || count.kind.packed() > previous);
    append_varint(*out, count.kind.packed() - previous);
    append_varint(*out, count.events);
    if (weighted) append_varint(*out, count.weight - count.events * 1000);
    previous = count.kind.packed();
  }
}

}  // namespace

void add_count(KindCount* sum, const KindCount& count) {
  sum->events = std::min(saturating_add(sum->events, count.events), kCountEventsMax);
  sum->weight = saturating_add(sum->weight, count.weight);
}

void fold_counts(CountsCell* counts) {
  std::sort(counts->begin(), counts->end(),
            [](const KindCount& a, const KindCount& b) { return a.kind < b.kind; });
  auto end = counts->begin();
  for (auto at = counts->begin(); at != counts->end(); ++at) {
    if (end != counts->begin() && end[-1].kind == at->kind) {
      add_count(&end[-1], *at);
    } else {
      *end++ = *at;
    }
  }
  counts->erase(end, counts->end());
}

CountsCellReader::CountsCellReader(std::string_view cell_bytes) : rest_(cell_bytes) {
  std::uint64_t head = 0;
  damaged_ = !rest_.varint(head) || head < 2;
  left_ = head / 2;
  weighted_ = (head & 1) != 0;
}

bool CountsCellReader::fail() {
  damaged_ = true;
  return false;
}

bool CountsCellReader::next(KindCount* count) {
  if (damaged_) return false;
  if (left_ == 0) {
    if (!rest_.done() || weighted_ != any_excess_) return fail();
    return false;
  }
  std::uint32_t gap = 0;
  std::uint64_t excess = 0;
  if (!rest_.varint32(gap) || !rest_.varint(count->events)) return fail();
  if (weighted_ && !rest_.varint(excess)) return fail();
  if ((gap == 0 && !first_) || gap > UINT32_MAX - kind_) return fail();
  if (count->events == 0 || count->events > kCountEventsMax) return fail();
  if (excess > UINT64_MAX - count->events * 1000) return fail();
  kind_ += gap;
  first_ = false;
  any_excess_ = any_excess_ || excess != 0;
  --left_;
  count->kind = EventKind::from_packed(kind_);
  count->weight = count->events * 1000 + excess;
  return count->kind.valid() || fail();
}

Status CountsCellReader::status() const {
  if (damaged_) return kpi::damaged(kWhat, "has a cell that cannot be read");
  return ok_status();
}

Result<CountsReader> CountsReader::open(std::string_view value) {
  auto payload = open_value(value, kWhat);
  if (!payload.ok()) return std::move(payload).error();
  return CountsReader(payload.value());
}

bool CountsReader::next() {
  damaged_ = damaged_ || kinds_.damaged();
  if (damaged_ || rest_.done()) return false;
  std::uint32_t gap = 0;
  std::uint64_t size = 0;
  if (!rest_.varint32(gap) || !rest_.varint(size) || !rest_.take(size, cell_) ||
      (gap == 0 && !first_) || gap >= kPartitionBucketsMax - bucket_) {
    damaged_ = true;
    return false;
  }
  bucket_ += gap;
  first_ = false;
  kinds_ = CountsCellReader(cell_);
  return true;
}

void CountsReader::read_cell(CountsCell* cell) {
  cell->clear();
  for (KindCount count; next_kind(&count);) cell->push_back(count);
}

Status CountsReader::status() const {
  if (damaged_) return damaged(kWhat, "has a bucket that cannot be read");
  return kinds_.status();
}

void CountsWriter::begin() {
  begin_value(&value_);
  next_bucket_ = 0;
}

void CountsWriter::add(std::uint32_t bucket, std::span<const KindCount> cell) {
  if (cell.empty()) return;
  scratch_.clear();
  append_cell(&scratch_, cell);
  add_bytes(bucket, scratch_);
}

void CountsWriter::add_bytes(std::uint32_t bucket, std::string_view cell_bytes) {
  KPI_ASSERT(bucket >= next_bucket_ && bucket < kPartitionBucketsMax);
  const std::uint32_t previous = next_bucket_ == 0 ? 0 : next_bucket_ - 1;
  append_varint(value_, bucket - previous);
  append_varint(value_, cell_bytes.size());
  value_.append(cell_bytes);
  next_bucket_ = bucket + 1;
}

bool CountsWriter::empty() const { return value_.size() <= kEnvelopeBytes; }

std::string_view CountsWriter::finish() {
  seal_value(&value_);
  return value_;
}

}  // namespace kpi
