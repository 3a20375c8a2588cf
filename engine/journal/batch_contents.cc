#include "engine/journal/batch_contents.h"

#include <xxhash.h>

#include <algorithm>

namespace kpi {
namespace {

constexpr std::size_t kSlotsMin = 16;

std::uint64_t hash_pair(std::string_view first, std::string_view second) {
  // The length of `first` in the seed keeps ("ab", "c") and ("a", "bc") apart.
  const std::uint64_t seed = XXH3_64bits_withSeed(first.data(), first.size(), first.size());
  return second.empty() ? seed : XXH3_64bits_withSeed(second.data(), second.size(), seed);
}

}  // namespace

PairTable::Interned PairTable::intern(std::string_view first, std::string_view second) {
  if (slots_.size() < 2 * (entries_.size() + 1)) grow();
  const std::uint64_t hash = hash_pair(first, second);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t index = slots_[slot] - 1;
    if (entries_[index].hash == hash && this->first(index) == first &&
        this->second(index) == second) {
      return {index, false};
    }
  }
  Entry entry;
  entry.hash = hash;
  entry.offset = static_cast<std::uint32_t>(bytes_.size());
  entry.first_size = static_cast<std::uint32_t>(first.size());
  entry.second_size = static_cast<std::uint32_t>(second.size());
  entries_.push_back(entry);
  bytes_.append(first).append(second);
  const auto index = static_cast<std::uint32_t>(entries_.size() - 1);
  slots_[slot] = index + 1;
  return {index, true};
}

std::string_view PairTable::first(std::uint32_t index) const {
  const Entry& entry = entries_[index];
  return {bytes_.data() + entry.offset, entry.first_size};
}

std::string_view PairTable::second(std::uint32_t index) const {
  const Entry& entry = entries_[index];
  return {bytes_.data() + entry.offset + entry.first_size, entry.second_size};
}

void PairTable::clear() {
  entries_.clear();
  bytes_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
}

void PairTable::grow() {
  slots_.assign(slots_.empty() ? kSlotsMin : slots_.size() * 2, 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = entries_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace kpi
