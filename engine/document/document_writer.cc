#include "engine/document/document_writer.h"

#include <algorithm>
#include <string>

#include "engine/base/bytes.h"
#include "engine/document/document_record.h"
#include "engine/journal/batch_contents.h"

namespace kpi {

rocksdb::Status DocumentWriter::put(const Batch::Contents& batch, std::uint64_t sequence,
                                    std::size_t first_row, rocksdb::WriteBatch* write) {
  rocksdb::Status status;
  for (std::size_t i = 0; i < batch.documents.size() && status.ok(); ++i) {
    const std::uint32_t row = batch.documents[i].row;
    const auto key = encode(DocumentKey{batch.rows[row].time_ms, sequence,
                                        static_cast<std::uint32_t>(first_row + row)});
    status = put(key.view(), batch.document(i), write);
  }
  return status;
}

rocksdb::Status DocumentWriter::put(std::string_view key, std::string_view text,
                                    rocksdb::WriteBatch* write) {
  const std::string value = encode_document(key, today(), text);
  group_bytes_ += key.size() + value.size();
  ++added_;
  return write->Put(database_.family(Family::kDocuments), rocksdb::Slice(key.data(), key.size()),
                    value);
}

std::uint16_t DocumentWriter::today() const {
  return day_of(std::clamp<std::int64_t>(now_ms_(), 0, kTimeMsMax));
}

rocksdb::Status DocumentWriter::finish(rocksdb::WriteBatch* write, std::uint64_t* bytes) {
  *bytes = std::exchange(group_bytes_, 0);
  if (*bytes == 0) return rocksdb::Status::OK();
  std::string number;
  append_little_endian(number, added_);
  return write->Put(database_.family(Family::kMeta), kMetaDocumentsAdded, number);
}

}  // namespace kpi
