#include "query/plan/bucketing.h"

#include <array>

#include "kpi/event.h"
#include "query/text/suggest.h"
#include "query/text/time_text.h"

namespace kpi::query {
namespace {

constexpr std::int64_t kWeekMs = 7 * kDayMs;
constexpr std::int64_t kMondayMs = 4 * kDayMs;  // 1970-01-05.

struct Unit {
  const char* name;
  std::int64_t width_ms, months;
};
constexpr std::array<Unit, 8> kUnits = {{{"second", 1000, 0},
                                         {"minute", kMinuteMs, 0},
                                         {"hour", kHourMs, 0},
                                         {"day", kDayMs, 0},
                                         {"week", kWeekMs, 0},
                                         {"month", 0, 1},
                                         {"quarter", 0, 3},
                                         {"year", 0, 12}}};

Error invalid(const Expr& at, std::string message, std::string hint = {}) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(hint), at.position};
}

Bucketing fixed(std::int64_t width_ms) {
  return {width_ms, width_ms % kWeekMs == 0 ? kMondayMs : 0, 0};
}

Result<Bucketing> of_width(const Expr& width) {
  const char* expected = "expected a width like '1 hour': whole seconds or whole months, found ";
  const auto interval = parse_interval(width.text);
  if (!interval || (interval->months == 0) == (interval->ms == 0) || interval->months < 0 ||
      interval->ms < 0 || interval->ms % 1000 != 0) {
    return invalid(width, expected + to_text(width));
  }
  if (interval->months > 0) return Bucketing{0, 0, interval->months};
  return fixed(interval->ms);
}

Result<Bucketing> of_unit(const Expr& unit) {
  std::vector<std::string> names;
  for (const Unit& known : kUnits) {
    if (unit.text == known.name) {
      return known.months > 0 ? Bucketing{0, 0, known.months} : fixed(known.width_ms);
    }
    names.emplace_back(known.name);
  }
  return invalid(unit,
                 "expected 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter' or "
                 "'year', found " +
                     to_text(unit),
                 did_you_mean(unit.text, names));
}

}  // namespace

std::int64_t Bucketing::floor(std::int64_t time_ms) const {
  return calendar() ? month_floor(time_ms, months) : floor_to(time_ms, width_ms, origin_ms);
}

std::optional<std::int64_t> Bucketing::next(std::int64_t begin_ms) const {
  return add(begin_ms, {months, width_ms});
}

bool is_bucket_call(const Expr& expr) {
  return expr.kind == Expr::Kind::kCall &&
         (expr.text == "time_bucket" || expr.text == "date_trunc");
}

bool cuts_events(const Expr& call) {
  return call.children.size() == 2 && call.children[1]->kind == Expr::Kind::kName &&
         call.children[1]->text == "time";
}

Result<Bucketing> parse_bucketing(const Expr& call) {
  const bool by_width = call.text == "time_bucket";
  if (call.children.size() != 2) {
    return invalid(call, by_width ? "expected time_bucket('1 hour', time)"
                                  : "expected date_trunc('hour', time)");
  }
  const Expr& width = *call.children[0];
  const bool interval = by_width && width.kind == Expr::Kind::kInterval;
  if (width.kind != Expr::Kind::kString && !interval) {
    return invalid(width, "expected a string, found " + to_text(width));
  }
  return by_width ? of_width(width) : of_unit(width);
}

Result<Bucketing> parse_bucket_call(const Expr& call) {
  if (call.children.size() == 2 && !cuts_events(call)) {
    const Expr& time = *call.children[1];
    return invalid(time, "expected time, found " + to_text(time));
  }
  return parse_bucketing(call);
}

}  // namespace kpi::query
