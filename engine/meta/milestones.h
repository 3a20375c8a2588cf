// The milestones of a store: in memory as an immutable list, on disk one entry of `meta` each.
#pragma once
#include <rocksdb/write_batch.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "engine/rocks/database.h"
#include "kpi/result.h"
#include "kpi/store.h"

namespace kpi {

using MilestoneList = std::shared_ptr<const std::vector<Milestone>>;  // By time, then name.

// Thread-safe once loaded: changes are made one after another.
class Milestones {
 public:
  // Makes a batch durable.
  using Write = std::function<Status(rocksdb::WriteBatch*)>;

  // kCorruption with the name that is damaged.
  Status load(const Database& database);
  MilestoneList list() const;
  // As kpi/store.h has them. The list changes once `write` has succeeded.
  Status create(const Database& database, const Milestone& milestone, const Write& write);
  Status drop(const Database& database, std::string_view name, const Write& write);

 private:
  void publish(std::vector<Milestone> milestones);

  std::mutex change_mutex_;  // Held through a change, so that "exists already" is exact.
  mutable std::mutex list_mutex_;
  MilestoneList list_ = std::make_shared<const std::vector<Milestone>>();
};

}  // namespace kpi
