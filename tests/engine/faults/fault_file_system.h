// RocksDB's file system with a FaultDisk in between: every operation asks it first and tells it
// afterwards. While one is in place, every store that is opened goes through it.
#pragma once
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>

#include "engine/rocks/storage_env.h"
#include "tests/engine/faults/fault_disk.h"

namespace kpi::test {

std::shared_ptr<rocksdb::FileSystem> make_fault_file_system(FaultDisk& disk);

// Outlives the stores that are opened meanwhile.
class FaultyStorage {
 public:
  explicit FaultyStorage(FaultDisk& disk)
      : env_(rocksdb::NewCompositeEnv(make_fault_file_system(disk))) {
    replace_storage_env(env_.get());
  }
  ~FaultyStorage() { replace_storage_env(nullptr); }
  FaultyStorage(const FaultyStorage&) = delete;
  FaultyStorage& operator=(const FaultyStorage&) = delete;

 private:
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace kpi::test
