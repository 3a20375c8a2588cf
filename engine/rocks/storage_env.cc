#include "engine/rocks/storage_env.h"

#include <atomic>

namespace kpi {
namespace {

std::atomic<rocksdb::Env*> replacement{nullptr};

}  // namespace

rocksdb::Env* storage_env() {
  rocksdb::Env* const env = replacement.load(std::memory_order_acquire);
  return env == nullptr ? rocksdb::Env::Default() : env;
}

void replace_storage_env(rocksdb::Env* env) { replacement.store(env, std::memory_order_release); }

bool is_missing(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound();
}

}  // namespace kpi
