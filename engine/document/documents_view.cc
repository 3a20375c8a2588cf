#include "engine/document/documents_view.h"

#include <algorithm>

#include "engine/document/document_record.h"
#include "engine/document/document_writer.h"
#include "engine/rocks/format.h"

namespace kpi {
namespace {

constexpr std::size_t kDocumentsPerStopCheck = 64;

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Result<Document> to_document(std::string_view key, std::string_view value) {
  Result<StoredDocument> stored = decode_document(key, value);
  if (!stored.ok()) return stored.error();
  return Document{document_id(key), stored.value().time_ms, std::string(stored.value().text)};
}

Error no_document(std::string_view id) {
  return {ErrorCode::kNotFound, "no document '" + std::string(id) + "'", {}, 0};
}

// The first key that can come after the document of this id.
Result<std::string> key_behind(std::string_view id) {
  if (id.empty()) return std::string();
  std::optional<std::string> key = document_key_of(id);
  if (!key) {
    return Error{
        ErrorCode::kInvalidArgument, "'" + std::string(id) + "' is no document's id", {}, 0};
  }
  return *key + '\0';
}

}  // namespace

rocksdb::ReadOptions DocumentsView::read_options() const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  return options;
}

Status DocumentsView::for_each(TimeRange range, std::string_view after, std::stop_token stop,
                               const DocumentSink& sink) const {
  const Result<std::string> behind = key_behind(after);
  if (!behind.ok()) return behind.error();
  if (family() == nullptr || range.empty()) return ok_status();
  KeyRange keys = document_range(range);
  keys.begin = std::max(keys.begin, behind.value());
  if (keys.begin >= keys.end) return ok_status();
  const rocksdb::Slice end = keys.end;
  rocksdb::ReadOptions options = read_options();
  options.iterate_upper_bound = &end;
  options.fill_cache = false;  // One pass over much must not push out what queries live on.
  const std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator(options, family()));
  std::size_t seen = 0;
  for (it->Seek(keys.begin); it->Valid(); it->Next()) {
    if (seen++ % kDocumentsPerStopCheck == 0 && stop.stop_requested()) {
      return Error{ErrorCode::kCanceled, "reading documents was canceled", {}, 0};
    }
    Result<Document> document = to_document(view_of(it->key()), view_of(it->value()));
    if (!document.ok()) return document.error();
    if (!sink(document.value())) return ok_status();
  }
  return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read documents"));
}

Result<Document> DocumentsView::find(std::string_view id) const {
  const std::optional<std::string> key = document_key_of(id);
  if (!key || family() == nullptr) return no_document(id);
  std::string value;
  const rocksdb::Status status = database_->db().Get(read_options(), family(), *key, &value);
  if (status.IsNotFound()) return no_document(id);
  if (!status.ok()) return to_error(status, "read document " + std::string(id));
  return to_document(*key, value);
}

Result<std::optional<Document>> DocumentsView::last() const {
  if (family() == nullptr) return std::optional<Document>();
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db().NewIterator(read_options(), family()));
  it->SeekToLast();
  if (!it->status().ok()) return to_error(it->status(), "read documents");
  if (!it->Valid()) return std::optional<Document>();
  Result<Document> document = to_document(view_of(it->key()), view_of(it->value()));
  if (!document.ok()) return document.error();
  return std::optional<Document>(std::move(document).value());
}

Result<std::uint64_t> DocumentsView::count(std::stop_token) const {
  const Result<std::uint64_t> added = meta_number(*database_, kMetaDocumentsAdded, snapshot_);
  if (!added.ok()) return added;
  const Result<std::uint64_t> dropped = meta_number(*database_, kMetaDocumentsDropped, snapshot_);
  if (!dropped.ok()) return dropped;
  if (dropped.value() <= added.value()) return added.value() - dropped.value();
  return Error{ErrorCode::kCorruption, "meta: more documents were dropped than added", {}, 0};
}

}  // namespace kpi
