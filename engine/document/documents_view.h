// The documents of a store at the moment of a RocksDB snapshot.
#pragma once
#include <memory>

#include "engine/rocks/database.h"
#include "kpi/document.h"

namespace kpi {

class DocumentsView final : public Documents {
 public:
  explicit DocumentsView(std::shared_ptr<const Database> database)
      : database_(std::move(database)), snapshot_(database_->db().GetSnapshot()) {}
  ~DocumentsView() override { database_->db().ReleaseSnapshot(snapshot_); }
  DocumentsView(const DocumentsView&) = delete;
  DocumentsView& operator=(const DocumentsView&) = delete;

  Status for_each(TimeRange range, std::string_view after, std::stop_token stop,
                  const DocumentSink& sink) const override;
  Result<Document> find(std::string_view id) const override;
  Result<std::optional<Document>> last() const override;
  // Two numbers of `meta`, however many there are.
  Result<std::uint64_t> count(std::stop_token stop) const override;

 private:
  // nullptr: an older store, read only, that has none.
  rocksdb::ColumnFamilyHandle* family() const { return database_->family(Family::kDocuments); }
  rocksdb::ReadOptions read_options() const;

  const std::shared_ptr<const Database> database_;
  const rocksdb::Snapshot* const snapshot_;
};

}  // namespace kpi
