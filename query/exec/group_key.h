// Finds the group of (bucket, keys), for joins of answers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kpi::query {

struct GroupKey {
  std::int64_t bucket_ms = 0;
  std::vector<std::string_view> keys = {};  // data() == nullptr: NULL.

  bool operator==(const GroupKey& other) const {
    if (bucket_ms != other.bucket_ms || keys != other.keys) return false;
    for (std::size_t i = 0; i < keys.size(); ++i) {  // NULL is not the empty text.
      if ((keys[i].data() == nullptr) != (other.keys[i].data() == nullptr)) return false;
    }
    return true;
  }
};

struct GroupKeyHash {
  std::size_t operator()(const GroupKey& key) const {
    constexpr std::size_t kMix = 0x9E3779B97F4A7C15;
    std::size_t hash = std::hash<std::int64_t>{}(key.bucket_ms);
    for (const std::string_view text : key.keys) {
      hash = (hash ^ std::hash<std::string_view>{}(text)) * kMix;
    }
    return hash;
  }
};

using GroupIndex = std::unordered_map<GroupKey, std::size_t, GroupKeyHash>;

}  // namespace kpi::query
