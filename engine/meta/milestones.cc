#include "engine/meta/milestones.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "engine/base/bytes.h"
#include "engine/meta/named_value.h"
#include "kpi/limits.h"

namespace kpi {
namespace {

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Error damaged(std::string_view key) {
  return {ErrorCode::kCorruption, "meta: damaged " + std::string(key), {}, 0};
}

Result<Milestone> decode(std::string_view key, std::string_view value) {
  Result<std::string_view> payload = decode_named(key, value);
  if (!payload.ok()) return payload.error();
  ByteReader reader(payload.value());
  std::int64_t at_ms = 0;
  const std::string_view name = key.substr(kMilestonePrefix.size());
  if (!reader.little_endian(at_ms) || !reader.done() || at_ms < 0 || at_ms > kTimeMsMax ||
      name.empty() || name.size() > kMilestoneNameBytesMax) {
    return damaged(key);
  }
  return Milestone{std::string(name), at_ms};
}

Status check(const Milestone& milestone) {
  if (milestone.name.empty() || milestone.name.size() > kMilestoneNameBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "a milestone's name has " + std::to_string(milestone.name.size()) +
                     " bytes, 1 to " + std::to_string(kMilestoneNameBytesMax) + " are allowed",
                 {},
                 0};
  }
  if (milestone.at_ms >= 0 && milestone.at_ms <= kTimeMsMax) return ok_status();
  return Error{ErrorCode::kInvalidArgument,
               "milestone '" + milestone.name + "': time " + std::to_string(milestone.at_ms) +
                   " ms is outside 1970..2149",
               {},
               0};
}

std::vector<Milestone>::const_iterator find(const std::vector<Milestone>& list,
                                            std::string_view name) {
  return std::find_if(list.begin(), list.end(), [&](const Milestone& m) { return m.name == name; });
}

bool is_before(const Milestone& a, const Milestone& b) {
  return std::tie(a.at_ms, a.name) < std::tie(b.at_ms, b.name);
}

}  // namespace

Status Milestones::load(const Database& database) {
  std::vector<Milestone> found;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::kMeta)));
  const rocksdb::Slice prefix(kMilestonePrefix.data(), kMilestonePrefix.size());
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    Result<Milestone> milestone = decode(view_of(it->key()), view_of(it->value()));
    if (!milestone.ok()) return milestone.error();
    found.push_back(std::move(milestone).value());
  }
  if (!it->status().ok()) return to_error(it->status(), "read milestones");
  std::sort(found.begin(), found.end(), is_before);
  publish(std::move(found));
  return ok_status();
}

MilestoneList Milestones::list() const {
  const std::lock_guard lock(list_mutex_);
  return list_;
}

void Milestones::publish(std::vector<Milestone> milestones) {
  auto list = std::make_shared<const std::vector<Milestone>>(std::move(milestones));
  const std::lock_guard lock(list_mutex_);
  list_ = std::move(list);
}

Status Milestones::create(const Database& database, const Milestone& milestone,
                          const Write& write) {
  if (Status valid = check(milestone); !valid.ok()) return valid;
  const std::lock_guard lock(change_mutex_);
  std::vector<Milestone> changed = *list();
  if (find(changed, milestone.name) != changed.end()) {
    return Error{ErrorCode::kInvalidArgument,
                 "there is a milestone '" + milestone.name + "' already",
                 "drop it first, or take another name", 0};
  }
  if (changed.size() >= kMilestonesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "a store has at most " + std::to_string(kMilestonesMax) + " milestones",
                 "drop some", 0};
  }
  std::string time;
  append_little_endian(time, milestone.at_ms);
  const std::string key = named_key(kMilestonePrefix, milestone.name);
  rocksdb::WriteBatch batch;
  const rocksdb::Status put =
      batch.Put(database.family(Family::kMeta), key, encode_named(key, time));
  if (!put.ok()) return to_error(put, "write a milestone");
  if (Status written = write(&batch); !written.ok()) return written;
  changed.insert(std::upper_bound(changed.begin(), changed.end(), milestone, is_before), milestone);
  publish(std::move(changed));
  return ok_status();
}

Status Milestones::drop(const Database& database, std::string_view name, const Write& write) {
  const std::lock_guard lock(change_mutex_);
  std::vector<Milestone> changed = *list();
  const auto found = find(changed, name);
  if (found == changed.end()) {
    return Error{ErrorCode::kNotFound, "no milestone '" + std::string(name) + "'", {}, 0};
  }
  rocksdb::WriteBatch batch;
  const rocksdb::Status erased =
      batch.Delete(database.family(Family::kMeta), named_key(kMilestonePrefix, name));
  if (!erased.ok()) return to_error(erased, "drop a milestone");
  if (Status written = write(&batch); !written.ok()) return written;
  changed.erase(found);
  publish(std::move(changed));
  return ok_status();
}

}  // namespace kpi
