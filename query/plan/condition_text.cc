#include <array>

#include "query/plan/condition.h"
#include "query/text/time_text.h"

namespace kpi::query {
namespace {

constexpr std::array<const char*, 6> kComparisons = {" < ", " <= ", " = ", " <> ", " >= ", " > "};

std::string joined(const std::vector<Predicate>& children, const char* separator) {
  std::string out = "(";
  for (const Predicate& child : children) {
    if (out.size() > 1) out += separator;
    out += to_text(child);
  }
  return out + ")";
}

std::string quoted(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "'" : ", '") + value + "'";
  return out;
}

std::string bound(std::int64_t ms, std::int64_t open, const char* name) {
  return ms == open ? name : iso_time(ms);
}

}  // namespace

std::string to_text(const TimeRange& range) {
  const TimeRange all;
  return "[" + bound(range.begin_ms, all.begin_ms, "-inf") + ", " +
         bound(range.end_ms, all.end_ms, "inf") + ")";
}

std::string to_text(const Predicate& predicate) {
  const std::string name = dimension_name(predicate.dimension);
  switch (predicate.kind) {
    case Predicate::Kind::kTrue:
      return "true";
    case Predicate::Kind::kAnd:
      return joined(predicate.children, " AND ");
    case Predicate::Kind::kOr:
      return joined(predicate.children, " OR ");
    case Predicate::Kind::kNot:
      return "NOT " + to_text(predicate.children[0]);
    case Predicate::Kind::kDimensionIn:
      return name + " IN (" + quoted(predicate.values) + ")";
    case Predicate::Kind::kDimensionLike:
      return name + " LIKE " + quoted(predicate.values);
    case Predicate::Kind::kDimensionIsNull:
      return name + " IS NULL";
    case Predicate::Kind::kMeasureCompare:
      return predicate.measure + kComparisons[static_cast<std::size_t>(predicate.comparison)] +
             std::to_string(predicate.operand);
    case Predicate::Kind::kMeasureIsNull:
      return predicate.measure + " IS NULL";
    case Predicate::Kind::kTime:
      return "time IN " + to_text(predicate.range);
  }
  return {};
}

}  // namespace kpi::query
