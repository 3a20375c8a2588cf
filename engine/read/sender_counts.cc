#include "engine/read/sender_counts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/read/like.h"
#include "engine/read/sender_hours.h"

namespace kpi {
namespace {

// Of an RP, which is never NULL, and an hour, which is all of it there from its begin on.
bool fits(const Predicate& where, std::string_view rp, std::int64_t hour_ms) {
  using Kind = Predicate::Kind;
  const auto fits_too = [&](const Predicate& child) { return fits(child, rp, hour_ms); };
  switch (where.kind) {
    case Kind::kTrue:
      return true;
    case Kind::kAnd:
      return std::all_of(where.children.begin(), where.children.end(), fits_too);
    case Kind::kOr:
      return std::any_of(where.children.begin(), where.children.end(), fits_too);
    case Kind::kNot:
      return !fits_too(where.children[0]);
    case Kind::kDimensionIn:
      return std::find(where.values.begin(), where.values.end(), rp) != where.values.end();
    case Kind::kDimensionLike:
      return like_matches(rp, where.values[0]);
    case Kind::kTime:
      return where.range.contains(hour_ms);
    default:
      return false;
  }
}

bool is_loud(const SenderCounts& hour) {
  return hour.known >= kLoudHourReportsMin && hour.largest > hour.known - hour.largest;
}

// Those that every RP of `where` is one of; nothing: it names none.
SenderRps named_rps(const Predicate& where, const Dictionary& dictionary) {
  if (where.kind == Predicate::Kind::kAnd) {
    for (const Predicate& child : where.children) {
      if (SenderRps rps = named_rps(child, dictionary)) return rps;
    }
  }
  if (where.kind != Predicate::Kind::kDimensionIn) return std::nullopt;
  std::set<std::uint32_t> ids;
  for (const std::string& name : where.values) {
    if (const auto id = dictionary.find_rp(name)) ids.insert(*id);
  }
  return std::vector<std::uint32_t>(ids.begin(), ids.end());
}

class Summing {
 public:
  Summing(const ReadSource& source, const AggregateRequest& request, AggregateResult* result)
      : source_(source), request_(request), result_(*result) {
    result_.senders.assign(result_.size, {});
    result_.loud.assign(result_.size, 0);
    for (std::size_t group = 0; group < result_.size; ++group) {
      const std::int64_t bucket =
          result_.bucket_begin_ms.empty() ? 0 : result_.bucket_begin_ms[group];
      const std::string_view rp =
          result_.keys.empty() ? std::string_view() : result_.keys[0][group];
      groups_.emplace(std::pair(bucket, rp), group);
    }
  }

  Status run() {
    return for_each_sender_hour(
        source_, request_.range, named_rps(request_.where, *source_.dictionary), request_.stop,
        [this](std::int64_t begin_ms, std::uint32_t rp, const SenderCounts& counts) {
          add_hour(begin_ms, source_.dictionary->rp(rp), counts);
          return true;
        });
  }

 private:
  void add_hour(std::int64_t begin_ms, std::string_view rp, const SenderCounts& counts) {
    if (!fits(request_.where, rp, begin_ms)) return;
    const auto at = groups_.find(
        {bucket_of_hour(begin_ms), request_.group_by.empty() ? std::string_view() : rp});
    if (at == groups_.end()) return;
    result_.senders[at->second].known += counts.known;
    result_.senders[at->second].largest += counts.largest;
    if (is_loud(counts)) result_.loud[at->second] += counts.largest;
  }

  std::int64_t bucket_of_hour(std::int64_t begin_ms) const {
    const std::int64_t width = request_.bucket_width_ms;
    if (width == 0) return 0;
    const std::int64_t past = (begin_ms - request_.bucket_origin_ms) % width;
    return begin_ms - (past < 0 ? past + width : past);
  }

  const ReadSource& source_;
  const AggregateRequest& request_;
  AggregateResult& result_;
  std::map<std::pair<std::int64_t, std::string_view>, std::size_t> groups_;
};

}  // namespace

Status add_senders(const ReadSource& source, const AggregateRequest& request,
                   AggregateResult* result) {
  return Summing(source, request, result).run();
}

}  // namespace kpi
