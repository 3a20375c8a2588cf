#include "query/funnel/funnel_tally.h"

#include <algorithm>

#include "query/compare/event_key.h"
#include "query/exec/answer.h"

namespace kpi::query {
namespace {

constexpr std::size_t kGroupBytes = 256;  // A group, its index entry and the allocator's share.

bool key_before(const std::optional<std::string>& left, const std::optional<std::string>& right) {
  if (!left || !right) return left.has_value();
  return *left < *right;
}

bool before(const FunnelGroup& left, const FunnelGroup& right) {
  if (left.bucket_ms != right.bucket_ms) return left.bucket_ms < right.bucket_ms;
  for (std::size_t i = 0; i < left.keys.size(); ++i) {
    if (left.keys[i] != right.keys[i]) return key_before(left.keys[i], right.keys[i]);
  }
  return false;
}

}  // namespace

FunnelTally::FunnelTally(const FunnelPlan& plan, const Options& options)
    : plan_(plan), options_(options), offsets_(plan.steps.size()) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) steps_.emplace(plan.steps[i], i);
}

void FunnelTally::read_key(const Event& event) {
  texts_.clear();
  keys_.clear();
  bucket_ms_ = plan_.bucketing ? plan_.bucketing->floor(event.time_ms) : 0;
  key_ = std::to_string(bucket_ms_);
  for (const DimensionRef& dimension : plan_.keys) {
    const std::string_view text = dimension_value(event, dimension, texts_);
    keys_.push_back(text);
    key_ += text.data() == nullptr ? "/-" : "/" + std::to_string(text.size()) + ":";
    key_ += text;
  }
}

void FunnelTally::read_offsets(const Event& event) {
  std::fill(offsets_.begin(), offsets_.end(), std::nullopt);
  for (const NamedValue& measure : event.measures) {
    const auto step = steps_.find(measure.name);
    if (step != steps_.end()) offsets_[step->second] = measure.value;
  }
}

Result<FunnelGroup*> FunnelTally::group() {
  const auto [at, added] = index_.emplace(key_, groups_.size());
  if (!added) return &groups_[at->second];
  const std::size_t rows = (groups_.size() + 1) * plan_.steps.size();
  if (rows > options_.rows_max) return beyond_rows_max(rows, options_.rows_max);
  FunnelGroup& group = groups_.emplace_back();
  group.bucket_ms = bucket_ms_;
  for (const std::string_view key : keys_) {
    group.keys.push_back(key.data() == nullptr ? std::nullopt : std::optional(std::string(key)));
  }
  group.reached.resize(plan_.steps.size());
  group.reports.resize(plan_.steps.size());
  group.offsets.resize(plan_.steps.size() - 1);
  bytes_ += kGroupBytes + 2 * key_.size() +
            plan_.steps.size() * (2 * sizeof(std::uint64_t) + sizeof(OffsetSketch));
  return &group;
}

Status FunnelTally::add(const Event& event) {
  read_key(event);
  read_offsets(event);
  auto found = group();
  if (!found.ok()) return std::move(found).error();
  FunnelGroup& group = *found.value();
  ++group.events;
  for (std::size_t stage = 0; stage < offsets_.size() && offsets_[stage]; ++stage) {
    group.reached[stage] += event.weight;
    ++group.reports[stage];
    if (stage == 0) continue;
    OffsetSketch& offsets = group.offsets[stage - 1];
    bytes_ -= offsets.size_bytes();
    offsets.add(std::int64_t{*offsets_[stage]} - *offsets_[stage - 1], event.weight);
    bytes_ += offsets.size_bytes();
  }
  if (bytes_ > options_.bytes_max) return too_many_bytes(options_.bytes_max);
  return ok_status();
}

std::vector<FunnelGroup> FunnelTally::finish() {
  std::vector<FunnelGroup> out(std::make_move_iterator(groups_.begin()),
                               std::make_move_iterator(groups_.end()));
  if (out.empty() && plan_.group_columns.empty()) {
    FunnelGroup& none = out.emplace_back();
    none.reached.resize(plan_.steps.size());
    none.reports.resize(plan_.steps.size());
    none.offsets.resize(plan_.steps.size() - 1);
  }
  std::sort(out.begin(), out.end(), before);
  return out;
}

}  // namespace kpi::query
