#include "engine/journal/stored_names.h"

#include <memory>
#include <string>

#include "engine/base/bytes.h"
#include "engine/key/key.h"
#include "kpi/assert.h"

namespace kpi {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Error damaged_name() {
  return {ErrorCode::kCorruption, "names: a damaged entry", "restore from a backup, or salvage", 0};
}

}  // namespace

Status load_names(const Database& database, Dictionary* dictionary) {
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::kNames)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto key = decode_name_key(view(it->key()));
    ByteReader value(view(it->value()));
    std::uint32_t parent = 0;
    if (!key.ok() || key.value().kind < 1 || key.value().kind > 5 || !value.varint32(parent)) {
      return damaged_name();
    }
    std::string_view name;
    (void)value.take(value.remaining(), name);
    Status restored =
        dictionary->restore(static_cast<NameKind>(key.value().kind), key.value().id, parent, name);
    if (!restored.ok()) return restored;
  }
  return it->status().ok() ? ok_status() : Status(to_error(it->status(), "read names"));
}

std::uint32_t intern_name(const Database& database, Dictionary* dictionary, NameKind kind,
                          std::uint32_t parent, std::string_view name, rocksdb::WriteBatch* batch) {
  const Dictionary::Added added = dictionary->intern(kind, parent, name);
  if (added.is_new) {
    std::string value;
    append_varint(value, parent);
    value.append(name);
    const auto key = encode(NameKey{static_cast<std::uint8_t>(kind), added.id});
    const rocksdb::Status status = batch->Put(
        database.family(Family::kNames), rocksdb::Slice(key.bytes.data(), key.bytes.size()), value);
    KPI_ASSERT(status.ok());  // Only fails beyond a size limit, which is not set.
  }
  return added.id;
}

}  // namespace kpi
