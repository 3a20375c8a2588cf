#include "tests/engine/simulation/world.h"

#include <set>
#include <string>

#include "engine/rocks/storage_env.h"
#include "engine/schedule/random_bits.h"
#include "tests/engine/faults/fault_file_system.h"

namespace kpi::test {
namespace {

// RocksDB's files in memory do not know which of them are directories. Its files of options, which
// nobody reads, would take most of the time of an opening.
class MemoryFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "kpi.test.MemoryFiles"; }

  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override {
    directories_.insert(path);
    return FileSystemWrapper::CreateDir(path, options, debug);
  }
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions&, bool* is,
                                rocksdb::IODebugContext*) override {
    *is = directories_.count(path) != 0;
    return *is ? rocksdb::IOStatus::OK() : rocksdb::IOStatus::PathNotFound(path);
  }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (path.find("/OPTIONS-") != std::string::npos) return rocksdb::IOStatus::NotSupported(path);
    return FileSystemWrapper::NewWritableFile(path, options, file, debug);
  }

 private:
  std::set<std::string> directories_;
};

}  // namespace

World::World(std::uint64_t seed)
    : rng_(seed), memory_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {
  const auto medium = std::make_shared<MemoryFiles>(memory_->GetFileSystem());
  (void)medium->CreateDirIfMissing("/world", {}, nullptr);
  disk_ = std::make_unique<FaultDisk>(Fault{}, "/world/shadows", medium);
  disk_->watch([this](Operation operation, const std::string& path, std::size_t size) {
    note(static_cast<std::uint64_t>(operation));
    note(path);
    note(size);
  });
  env_ = std::make_unique<SteppedEnv>(rocksdb::NewCompositeEnv(make_fault_file_system(*disk_)),
                                      [this] { return wall_ms_; });
  replace_storage_env(env_.get());
  replace_stepper(&stepper_);
  replace_random_bits([this] { return rng_(); });
  stepper_.add(Work::kStorage, [this] { env_->run_all_jobs(); });
}

World::~World() {
  replace_random_bits(nullptr);
  replace_stepper(nullptr);
  replace_storage_env(nullptr);
}

void World::pass(std::int64_t ms) {
  wall_ms_ += ms;
  steady_ms_ += ms;
}

void World::lose_power() { disk_->lose_unsynced(rng_); }

// FNV-1a.
void World::note(std::string_view what) {
  for (const char byte : what) {
    trace_ = (trace_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  }
  trace_ = (trace_ ^ 0xFF) * 0x100000001B3ULL;
  ++notes_;
}

void World::note(std::uint64_t number) {
  trace_ = (trace_ ^ number) * 0x100000001B3ULL;
  trace_ ^= trace_ >> 29;
  ++notes_;
}

}  // namespace kpi::test
