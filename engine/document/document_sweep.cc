#include "engine/document/document_sweep.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/document/document_record.h"
#include "engine/document/document_writer.h"
#include "engine/rocks/format.h"

namespace kpi {
namespace {

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

void DocumentSweep::begin(std::int64_t now_ms) {
  const int today = day_of(std::clamp<std::int64_t>(now_ms, 0, kTimeMsMax));
  if (days_ <= 0 || days_ >= today) return;
  const std::lock_guard lock(mutex_);
  const auto horizon = static_cast<std::uint16_t>(today - days_);
  if (horizon <= horizon_) return;
  horizon_ = horizon;
  sweeping_ = true;
  next_key_.clear();
}

Result<bool> DocumentSweep::step() {
  const std::lock_guard lock(mutex_);
  if (!sweeping_) return false;
  const std::string end = document_range({0, day_begin_ms(horizon_)}).end;
  const rocksdb::Slice bound = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(options, database_.family(Family::kDocuments)));
  rocksdb::WriteBatch batch;
  std::uint64_t dropped = 0;
  std::size_t seen = 0;
  for (it->Seek(next_key_); it->Valid() && seen < kDocumentsPerStep; it->Next(), ++seen) {
    const Result<StoredDocument> document =
        decode_document(view_of(it->key()), view_of(it->value()));
    // A damaged one stays, for its readers to name.
    if (!document.ok() || document.value().arrival_day >= horizon_) continue;
    // Key by key: a range could hold one that has arrived since.
    const rocksdb::Status status = batch.Delete(database_.family(Family::kDocuments), it->key());
    if (!status.ok()) return to_error(status, "drop documents");
    ++dropped;
  }
  if (!it->status().ok()) return to_error(it->status(), "read documents");
  const bool more = it->Valid();
  if (more) next_key_ = it->key().ToString();
  if (Status written = write(dropped, &batch); !written.ok()) return written.error();
  sweeping_ = more;
  return more;
}

Status DocumentSweep::write(std::uint64_t dropped, rocksdb::WriteBatch* batch) const {
  if (dropped == 0) return ok_status();
  const Result<std::uint64_t> before = meta_number(database_, kMetaDocumentsDropped, nullptr);
  if (!before.ok()) return before.error();
  std::string number;
  append_little_endian(number, before.value() + dropped);
  rocksdb::Status status =
      batch->Put(database_.family(Family::kMeta), kMetaDocumentsDropped, number);
  if (status.ok()) status = database_.db().Write(database_.write_options(), batch);
  return status.ok() ? ok_status() : Status(to_error(status, "drop documents"));
}

}  // namespace kpi
