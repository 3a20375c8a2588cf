#include "engine/verify/findings.h"

namespace kpi {

std::string to_text(const RawKey& key) {
  return "chunk of day " + std::to_string(key.day) + ", RP " + std::to_string(key.rp) +
         ", series " + std::to_string(key.series) + ", hour " + std::to_string(key.hour) +
         ", seal " + std::to_string(key.seal);
}

std::string to_text(const CellKey& key) {
  constexpr const char* kWidths[] = {"minute", "hour", "day"};
  constexpr const char* kKinds[] = {"counts",       "sketches",       "slab",
                                    "label counts", "label sketches", "senders"};
  std::string text = std::string(kWidths[static_cast<std::size_t>(key.width)]) + ' ' +
                     kKinds[static_cast<std::size_t>(key.kind)] + " from day " +
                     std::to_string(key.first_day) + ", RP " + std::to_string(key.rp) +
                     ", series " + std::to_string(key.series);
  if (!is_label_kind(key.kind)) return text;
  return text + ", label " + std::to_string(key.rollup) + ", value " +
         std::to_string(key.label_value);
}

FamilyWalk::FamilyWalk(const Database& database, Family family) {
  if (database.family(family) == nullptr) return;
  it_.reset(database.db().NewIterator(rocksdb::ReadOptions(), database.family(family)));
  it_->SeekToFirst();
}

FamilyWalk::FamilyWalk(const Database& database, Family family, const KeyRange& range)
    : end_(range.end), end_slice_(end_) {
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end_slice_;
  it_.reset(database.db().NewIterator(options, database.family(family)));
  it_->Seek(range.begin);
}

void FamilyWalk::finish(std::string_view what, Findings* findings) const {
  if (it_ && !it_->status().ok()) {
    findings->damage(std::string(what), to_error(it_->status(), "read on"));
  }
}

}  // namespace kpi
