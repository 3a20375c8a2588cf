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

using Fresh = std::function<std::unique_ptr<rocksdb::Iterator>()>;

// Once it has failed, an iterator may tell of that failure wherever it is sent: each probe has its
// own.
bool can_seek(const Fresh& fresh, std::unique_ptr<rocksdb::Iterator>* it, const std::string& key) {
  *it = fresh();
  (*it)->Seek(key);
  return (*it)->Valid() || (*it)->status().ok();
}

// Widens its steps until a place can be read, then adds up the largest steps that cannot: ends
// right behind the damage, after at most two probes for each bit of a key. Leaves `it` there;
// false: there is nothing readable behind it.
bool seek_behind(const Fresh& fresh, std::unique_ptr<rocksdb::Iterator>* it,
                 std::string unreadable) {
  const std::size_t bits = 8 * unreadable.size();
  std::size_t bit = 0;
  for (; bit < bits; ++bit) {
    const std::optional<std::string> target = plus_power(unreadable, bit);
    if (!target || can_seek(fresh, it, *target)) break;
  }
  while (bit-- > 0) {
    std::optional<std::string> target = plus_power(unreadable, bit);
    if (target && !can_seek(fresh, it, *target)) unreadable = std::move(*target);
  }
  const std::optional<std::string> first = plus_power(unreadable, 0);
  return first && can_seek(fresh, it, *first);
}

}  // namespace

void walk_tolerantly(const Database& database, Family family, std::size_t key_bytes,
                     const std::function<void(std::string_view, std::string_view)>& visit,
                     const std::function<void(const Gap&)>& gap) {
  if (database.family(family) == nullptr) return;
  const Fresh fresh = [&] {
    return std::unique_ptr<rocksdb::Iterator>(
        database.db().NewIterator(rocksdb::ReadOptions(), database.family(family)));
  };
  std::unique_ptr<rocksdb::Iterator> it = fresh();
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
    const bool more = seek_behind(fresh, &it, from) && it->Valid();
    if (more) here.until = it->key().ToString();
    gap(here);
    if (!more) return;
  }
}

}  // namespace kpi
