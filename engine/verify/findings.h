// What a check of a store has found so far.
#pragma once
#include <rocksdb/iterator.h>

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/key/key.h"
#include "engine/rocks/database.h"
#include "kpi/verify.h"

namespace kpi {

struct Findings {
  VerifyReport report;
  std::stop_token stop;

  void damage(std::string what) {
    ++report.damages_found;
    if (report.damages.size() < kDamagesNamedMax) report.damages.push_back(std::move(what));
  }
  void damage(const std::string& place, const Error& error) {
    damage(place + ": " + error.message);
  }
};

// Names for messages.
std::string to_text(const RawKey& key);
std::string to_text(const CellKey& key);

inline std::string_view view_of(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// Walks over a range of a family, or all of it. The range outlives the walk.
class FamilyWalk {
 public:
  FamilyWalk(const Database& database, Family family);
  FamilyWalk(const Database& database, Family family, const KeyRange& range);
  bool valid() const { return it_ && it_->Valid(); }
  void next() { it_->Next(); }
  std::string_view key() const { return view_of(it_->key()); }
  std::string_view value() const { return view_of(it_->value()); }
  // Damage, where it ended early.
  void finish(std::string_view what, Findings* findings) const;

 private:
  std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

}  // namespace kpi
