// Where every file of a store is read and written through: the operating system, or what a test
// puts in between to fail, count and forget.
#pragma once
#include <rocksdb/env.h>

namespace kpi {

// RocksDB's default unless replaced. Thread-safe.
rocksdb::Env* storage_env();

// For tests: of all stores opened from now on; nullptr goes back. It outlives them.
void replace_storage_env(rocksdb::Env* env);

// Whether that says that there is no such file.
bool is_missing(const rocksdb::Status& status);

}  // namespace kpi
