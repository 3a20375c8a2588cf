// Adds the documents of a commit group to its WriteBatch, and counts them there.
#pragma once
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <functional>

#include "engine/rocks/database.h"
#include "kpi/batch.h"

namespace kpi {

// Keys of the family `meta`, u64 each, written by one thread each: documents ever added and ever
// dropped, so that at any moment there are as many as the one is more than the other.
inline constexpr char kMetaDocumentsAdded[] = "documents_added";
inline constexpr char kMetaDocumentsDropped[] = "documents_dropped";

class DocumentWriter {
 public:
  // `added`: what kMetaDocumentsAdded says.
  DocumentWriter(const Database& database, std::uint64_t added,
                 std::function<std::int64_t()> now_ms)
      : database_(database), added_(added), now_ms_(std::move(now_ms)) {}

  // The documents of `batch`, whose first event has the row `first_row` of the journal record
  // `sequence`.
  rocksdb::Status put(const Batch::Contents& batch, std::uint64_t sequence, std::size_t first_row,
                      rocksdb::WriteBatch* write);
  // One that another store gave its key.
  rocksdb::Status put(std::string_view key, std::string_view text, rocksdb::WriteBatch* write);
  // After the last put() of a group. Gives back how many bytes it added in `*bytes`.
  rocksdb::Status finish(rocksdb::WriteBatch* write, std::uint64_t* bytes);

 private:
  std::uint16_t today() const;

  const Database& database_;
  std::uint64_t added_;
  const std::function<std::int64_t()> now_ms_;
  std::uint64_t group_bytes_ = 0;
};

}  // namespace kpi
