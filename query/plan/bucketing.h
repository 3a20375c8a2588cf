// How time is cut into buckets: by a fixed width, or by months of the calendar.
#pragma once
#include <cstdint>
#include <optional>

#include "kpi/result.h"
#include "query/text/ast.h"

namespace kpi::query {

struct Bucketing {
  std::int64_t width_ms = 0;   // 0: by months.
  std::int64_t origin_ms = 0;  // Of fixed widths: a Monday for whole weeks, else the epoch.
  std::int64_t months = 0;

  bool calendar() const { return months != 0; }
  std::int64_t floor(std::int64_t time_ms) const;  // The begin of the bucket of a time.
  // The begin of the next bucket; nothing at the end of the calendar.
  std::optional<std::int64_t> next(std::int64_t begin_ms) const;
  bool operator==(const Bucketing&) const = default;
};

bool is_bucket_call(const Expr& expr);  // By its name: time_bucket or date_trunc.
bool cuts_events(const Expr& call);     // Its second argument is `time`.
// Requires is_bucket_call(). The second argument is not looked at but by parse_bucket_call(), where
// it must be `time`.
Result<Bucketing> parse_bucketing(const Expr& call);
Result<Bucketing> parse_bucket_call(const Expr& call);

}  // namespace kpi::query
