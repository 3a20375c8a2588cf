// The RocksDB settings of the store, each with the reason why it is not the default.
#pragma once
#include <rocksdb/options.h>

#include <functional>
#include <memory>
#include <vector>

#include "engine/rocks/database.h"

namespace kpi {

inline constexpr char kDocumentsFamily[] = "documents";
inline constexpr char kSeenFamily[] = "seen";

rocksdb::DBOptions database_options(const EngineOptions& options,
                                    std::function<void(const Error&)> on_error);
// Says nothing, and keeps RocksDB from writing a LOG of its own.
std::shared_ptr<rocksdb::Logger> quiet_log();
// In the order of Family; that of documents, which stores of format version 1 lack, is the last.
std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const EngineOptions& options);

}  // namespace kpi
