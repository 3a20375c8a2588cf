#include "engine/document/document_writer.h"

#include <algorithm>
#include <string>

#include "engine/base/bytes.h"
#include "engine/document/document_record.h"
#include "engine/journal/batch_contents.h"

namespace kpi {

rocksdb::Status DocumentWriter::put(const Batch::Contents& batch, std::uint64_t sequence,
                                    std::size_t first_row, rocksdb::WriteBatch* write) {
  if (batch.documents.empty()) return rocksdb::Status::OK();
  const std::uint16_t today = day_of(std::clamp<std::int64_t>(now_ms_(), 0, kTimeMsMax));
  rocksdb::Status status;
  for (std::size_t i = 0; i < batch.documents.size() && status.ok(); ++i) {
    const std::uint32_t row = batch.documents[i].row;
    const auto key = encode(DocumentKey{batch.rows[row].time_ms, sequence,
                                        static_cast<std::uint32_t>(first_row + row)});
    const std::string value = encode_document(key.view(), today, batch.document(i));
    status = write->Put(database_.family(Family::kDocuments),
                        rocksdb::Slice(key.bytes.data(), key.bytes.size()), value);
    group_bytes_ += key.bytes.size() + value.size();
    ++added_;
  }
  return status;
}

rocksdb::Status DocumentWriter::finish(rocksdb::WriteBatch* write, std::uint64_t* bytes) {
  *bytes = std::exchange(group_bytes_, 0);
  if (*bytes == 0) return rocksdb::Status::OK();
  std::string number;
  append_little_endian(number, added_);
  return write->Put(database_.family(Family::kMeta), kMetaDocumentsAdded, number);
}

}  // namespace kpi
