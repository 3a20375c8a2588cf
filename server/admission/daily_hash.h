// Hashes of what must not be known again tomorrow: keyed, with a key in memory alone that changes
// every day.
#pragma once
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace kpi::server {

// Thread-safe.
class DailyHash {
 public:
  // Equal texts of one day have equal hashes. A day that comes again after another has a new key.
  std::uint64_t operator()(std::string_view text, std::int64_t day);

 private:
  std::shared_mutex mutex_;
  std::int64_t day_ = -1;
  std::string key_;
};

}  // namespace kpi::server
