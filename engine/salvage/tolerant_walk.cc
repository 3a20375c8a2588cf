#include "engine/salvage/tolerant_walk.h"

#include <memory>
#include <optional>

namespace kpi {
namespace {

// `key` as a number of `bytes` digits, plus 2^`bit`; nothing beyond the largest.
std::optional<std::string> plus_power(std::string key, std::size_t bit) {
  std::size_t at = key.size() - 1 - bit / 8;
  unsigned carry = 1U << (bit % 8);
  for (;; --at) {
    const unsigned sum = static_cast<unsigned char>(key[at]) + carry;
    key[at] = static_cast<char>(sum);
    carry = sum >> 8;
    if (carry == 0) return key;
    if (at == 0) return std::nullopt;
  }
}

bool can_seek(rocksdb::Iterator* it, const std::string& key) {
  it->Seek(key);
  return it->Valid() || it->status().ok();
}

// Widens its steps until a place can be read, then adds up the largest steps that cannot: ends
// right behind the damage. Leaves `it` there; false: there is nothing readable behind it.
bool seek_behind(rocksdb::Iterator* it, std::string unreadable) {
  const std::size_t bits = 8 * unreadable.size();
  std::size_t bit = 0;
  for (;; ++bit) {
    if (bit == bits) return false;
    const std::optional<std::string> target = plus_power(unreadable, bit);
    if (!target) return false;
    if (can_seek(it, *target)) break;
  }
  while (bit-- > 0) {
    std::optional<std::string> target = plus_power(unreadable, bit);
    if (target && !can_seek(it, *target)) unreadable = std::move(*target);
  }
  const std::optional<std::string> first = plus_power(unreadable, 0);
  return first && can_seek(it, *first);
}

}  // namespace

void walk_tolerantly(const Database& database, Family family, std::size_t key_bytes,
                     const std::function<void(std::string_view, std::string_view)>& visit,
                     const std::function<void(const Gap&)>& gap) {
  if (database.family(family) == nullptr) return;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(family)));
  std::string last;
  it->SeekToFirst();
  for (;;) {
    for (; it->Valid(); it->Next()) {
      last = it->key().ToString();
      visit({it->key().data(), it->key().size()}, {it->value().data(), it->value().size()});
    }
    if (it->status().ok()) return;
    Gap here{last, {}, it->status().ToString()};
    std::string from = last;
    from.resize(key_bytes, '\0');
    const bool more = seek_behind(it.get(), from) && it->Valid();
    if (more) here.until = it->key().ToString();
    gap(here);
    if (!more) return;
  }
}

}  // namespace kpi
