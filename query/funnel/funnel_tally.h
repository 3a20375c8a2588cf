// Events -> groups of stages, in memory that is counted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kpi/query.h"
#include "kpi/store.h"
#include "query/funnel/funnel_plan.h"
#include "query/funnel/offset_sketch.h"

namespace kpi::query {

struct FunnelGroup {
  std::int64_t bucket_ms = 0;
  std::vector<std::optional<std::string>> keys = {};  // Nothing: NULL.
  std::vector<std::uint64_t> reached = {};            // [stage], in thousandths.
  std::uint64_t events = 0;                           // Reports, also those that reach none.
  std::vector<std::uint64_t> reports = {};            // [stage]: of them that reach it.
  std::vector<OffsetSketch> offsets = {};             // [stage - 1]: from the stage before.
};

// An event reaches a stage where it has its step and those of all stages before.
class FunnelTally {
 public:
  FunnelTally(const FunnelPlan& plan, const Options& options);
  // Requires an event that fits the plan's request. kLimitExceeded: Options::rows_max, bytes_max.
  Status add(const Event& event);
  // By bucket, then by keys bytewise, NULL last. Without GROUP BY exactly one.
  std::vector<FunnelGroup> finish();

 private:
  void read_key(const Event& event);
  void read_offsets(const Event& event);
  Result<FunnelGroup*> group();

  const FunnelPlan& plan_;
  const Options& options_;
  std::unordered_map<std::string_view, std::size_t> steps_;  // To their numbers.
  std::deque<FunnelGroup> groups_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t bytes_ = 0;
  // Of the event at hand.
  std::int64_t bucket_ms_ = 0;
  std::vector<std::string_view> keys_;
  std::deque<std::string> texts_;
  std::string key_;
  std::vector<std::optional<std::uint32_t>> offsets_;
};

}  // namespace kpi::query
