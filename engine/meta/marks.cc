#include "engine/meta/marks.h"

#include "engine/meta/named_value.h"
#include "kpi/limits.h"

namespace kpi {
namespace {

Error too_long(const char* what, std::size_t size, std::size_t limit) {
  return {ErrorCode::kLimitExceeded,
          std::string("a mark's ") + what + " has " + std::to_string(size) + " bytes, at most " +
              std::to_string(limit) + " are allowed",
          {},
          0};
}

}  // namespace

Status check_mark(const Mark& mark) {
  if (mark.name.size() > kMarkNameBytesMax) {
    return too_long("name", mark.name.size(), kMarkNameBytesMax);
  }
  if (mark.value.size() > kMarkValueBytesMax) {
    return too_long("value", mark.value.size(), kMarkValueBytesMax);
  }
  return ok_status();
}

rocksdb::Status put_mark(const Database& database, const Mark& mark, rocksdb::WriteBatch* batch) {
  if (mark.name.empty()) return rocksdb::Status::OK();
  rocksdb::ColumnFamilyHandle* const meta = database.family(Family::kMeta);
  const std::string key = named_key(kMarkPrefix, mark.name);
  if (mark.value.empty()) return batch->Delete(meta, key);
  return batch->Put(meta, key, encode_named(key, mark.value));
}

Result<std::string> read_mark(const Database& database, std::string_view name) {
  const std::string key = named_key(kMarkPrefix, name);
  Result<std::string> value = database.meta(key, nullptr);
  if (!value.ok()) return value;
  if (value.value().empty()) {
    return Error{ErrorCode::kNotFound, "no mark '" + std::string(name) + "'", {}, 0};
  }
  Result<std::string_view> word = decode_named(key, value.value());
  if (!word.ok()) return word.error();
  return std::string(word.value());
}

}  // namespace kpi
