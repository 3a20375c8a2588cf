#include "engine/erase/value_copy.h"

#include <rocksdb/write_batch.h>

#include <chrono>
#include <memory>
#include <string>

#include "engine/base/bytes.h"
#include "engine/dictionary/dictionary.h"
#include "engine/document/document_record.h"
#include "engine/document/document_writer.h"
#include "engine/journal/stored_names.h"
#include "engine/key/key.h"
#include "engine/rocks/database.h"
#include "engine/rocks/format.h"
#include "engine/seen/seen_record.h"

namespace kpi {
namespace {

constexpr std::size_t kBatchBytesMax = 4U << 20;
constexpr std::string_view kMarkPrefix = "mark/";

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class ValueCopy {
 public:
  ValueCopy(const Database& from, const Database& to) : from_(from), to_(to) {}

  Result<std::uint64_t> run(const KeepDocument& keep, const KeepText& keep_answer,
                            const KeepSenders& keep_senders) {
    if (Status copied = copy_senders(keep_senders); !copied.ok()) return copied.error();
    if (Status copied = copy_documents(keep); !copied.ok()) return copied.error();
    if (Status copied = copy_marks(); !copied.ok()) return copied.error();
    if (Status copied = copy_seen(keep_answer); !copied.ok()) return copied.error();
    if (kept_ > 0) {
      std::string number;
      append_little_endian(number, kept_);
      put(Family::kMeta, kMetaDocumentsAdded, number);
    }
    if (Status written = write(); !written.ok()) return written.error();
    return dropped_;
  }

 private:
  Status copy_documents(const KeepDocument& keep) {
    if (from_.family(Family::kDocuments) == nullptr) return ok_status();
    const auto it = iterate(Family::kDocuments);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const Result<StoredDocument> document =
          decode_document(view_of(it->key()), view_of(it->value()));
      if (!document.ok()) return document.error();
      if (!keep(document.value().time_ms, document.value().text)) {
        ++dropped_;
        continue;
      }
      ++kept_;
      put(Family::kDocuments, it->key(), it->value());
      if (batch_.GetDataSize() < kBatchBytesMax) continue;
      if (Status written = write(); !written.ok()) return written;
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read documents"));
  }

  Status copy_marks() {
    const rocksdb::Slice prefix(kMarkPrefix.data(), kMarkPrefix.size());
    const auto it = iterate(Family::kMeta);
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
      put(Family::kMeta, it->key(), it->value());
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read marks"));
  }

  // A retry must be known whatever has been erased: keys are hashes, and name nobody. They mean
  // what they do with their seed alone.
  Status copy_seen(const KeepText& keep_answer) {
    if (from_.family(Family::kSeen) == nullptr) return ok_status();
    std::string seed;
    const rocksdb::Status read =
        from_.db().Get({}, from_.family(Family::kMeta), kMetaSeenSeed, &seed);
    if (!read.ok() && !read.IsNotFound()) return to_error(read, "read meta");
    if (read.ok()) put(Family::kMeta, kMetaSeenSeed, seed);
    const auto it = iterate(Family::kSeen);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (Status copied = copy_seen(view_of(it->key()), view_of(it->value()), keep_answer);
          !copied.ok()) {
        return copied;
      }
      if (batch_.GetDataSize() < kBatchBytesMax) continue;
      if (Status written = write(); !written.ok()) return written;
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read request keys"));
  }

  Status copy_seen(std::string_view key, std::string_view value, const KeepText& keep_answer) {
    if (Status whole = check_seen(key, value); !whole.ok()) return whole;
    std::string kept(value);
    if (!is_ticket_key(key)) {
      const SeenAnswer answer = decode_seen_answer(key, value).value();
      if (!keep_answer(answer.answer)) kept = encode_seen_answer(key, {answer.content, {}});
    }
    put(Family::kSeen, {key.data(), key.size()}, kept);
    return ok_status();
  }

  // Ids of RPs are others in the new store.
  Status copy_senders(const KeepSenders& keep) {
    Dictionary before, after;
    if (Status read = load_names(from_, &before); !read.ok()) return read;
    if (Status read = load_names(to_, &after); !read.ok()) return read;
    const auto it = iterate(Family::kCells);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const Result<CellKey> key = decode_cell_key(view_of(it->key()));
      if (!key.ok()) return key.error();
      CellKey moved = key.value();
      if (moved.kind != CellKind::kSenders || moved.rp > before.count(NameKind::kRp)) continue;
      const std::string_view rp = before.rp(moved.rp);
      const auto id = after.find_rp(rp);
      if (!id || !keep(rp, day_begin_ms(moved.first_day))) continue;
      moved.rp = *id;
      const auto bytes = encode(moved);
      put(Family::kCells, {bytes.bytes.data(), bytes.size}, it->value());
      if (batch_.GetDataSize() < kBatchBytesMax) continue;
      if (Status written = write(); !written.ok()) return written;
    }
    return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read senders"));
  }

  std::unique_ptr<rocksdb::Iterator> iterate(Family family) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    return std::unique_ptr<rocksdb::Iterator>(
        from_.db().NewIterator(options, from_.family(family)));
  }

  void put(Family family, const rocksdb::Slice& key, const rocksdb::Slice& value) {
    const rocksdb::Status added = batch_.Put(to_.family(family), key, value);
    if (status_.ok()) status_ = added;
  }

  Status write() {
    if (status_.ok()) status_ = to_.db().Write(to_.write_options(), &batch_);
    batch_.Clear();
    return status_.ok() ? ok_status() : Status(to_error(status_, "write documents"));
  }

  const Database& from_;
  const Database& to_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status status_;
  std::uint64_t kept_ = 0, dropped_ = 0;
};

Result<std::unique_ptr<Database>> open(const std::filesystem::path& dir, bool read_only) {
  EngineOptions options;
  options.dir = dir;
  options.read_only = read_only;
  options.create_if_missing = false;
  return Database::open(options, [](const Error&) {});
}

}  // namespace

Result<std::uint64_t> copy_values(const std::filesystem::path& from,
                                  const std::filesystem::path& to, const KeepDocument& keep,
                                  const KeepText& keep_answer, const KeepSenders& keep_senders) {
  Result<std::unique_ptr<Database>> source = open(from, true);
  if (!source.ok()) return source.error();
  Result<std::unique_ptr<Database>> target = open(to, false);
  if (!target.ok()) return target.error();
  Result<std::uint64_t> dropped =
      ValueCopy(*source.value(), *target.value()).run(keep, keep_answer, keep_senders);
  if (!dropped.ok()) return dropped;
  // In tables that are synced: nothing of the new store lies in a log alone.
  if (Status flushed = target.value()->flush(true); !flushed.ok()) return flushed.error();
  if (Status closed = target.value()->close(true); !closed.ok()) return closed.error();
  return dropped;
}

}  // namespace kpi
