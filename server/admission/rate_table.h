// Token buckets for any number of keys in fixed memory.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace kpi::server {

inline constexpr std::size_t kRateWays = 4;
inline constexpr std::size_t kRateSets = 1U << 14;  // A power of two; 1 MiB with its ways.

// A bucket as the one time at which it will be full again (GCRA).
struct RateLimit {
  std::int64_t interval_ns = 0;  // Between requests in the long run; 0: no limit.
  std::int64_t burst_ns = 0;     // What a rested sender may send at once, in intervals.
  // `rate` a second in the long run; at once what comes in `burst_ms`, at least one.
  static RateLimit of(std::uint64_t rate, std::int64_t burst_ms);
  // 0: it passes, and `full_ns` moves. Else the time until it would.
  std::int64_t take(std::int64_t& full_ns, std::int64_t now_ns) const;
};

// Keys are hashes: those of one hash share a bucket. Of more keys than fit, those whose buckets are
// fullest are forgotten first, and so begin with a full one. Thread-safe.
class RateTable {
 public:
  RateTable(RateLimit limit, std::size_t sets);               // `sets`: a power of two.
  std::int64_t take(std::uint64_t key, std::int64_t now_ns);  // As RateLimit::take().
  std::size_t size_bytes() const { return slots_.size() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::int64_t full_ns = 0;
  };
  static constexpr std::size_t kStripes = 64;

  const RateLimit limit_;
  const std::size_t sets_;
  std::vector<Slot> slots_;
  std::array<std::mutex, kStripes> mutexes_;
};

}  // namespace kpi::server
