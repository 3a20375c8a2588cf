#include "query/exec/events.h"

#include <algorithm>

#include "query/plan/condition.h"
#include "query/render/writers.h"

namespace kpi::query {
namespace {

template <class Entries, class Append>
std::string json_object(const Entries& entries, const Append& append_value) {
  std::vector<typename Entries::value_type> sorted(entries.begin(), entries.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  std::string out = "{";
  for (const auto& entry : sorted) {
    if (out.size() > 1) out += ',';
    append_json_string(out, entry.name);
    out += ':';
    append_value(out, entry.value);
  }
  return out + '}';
}

Value error_value(ErrorId error) { return error.none() ? Value{} : Value{error_name(error)}; }

Value class_value(ErrorId error) {
  return error.none() ? Value{} : Value{std::string(to_string(error_class(error)))};
}

}  // namespace

std::vector<Column> event_columns() {
  return {{"time", Type::kTimestamp}, {"rp", Type::kText},       {"client", Type::kText},
          {"outcome", Type::kText},   {"error", Type::kText},    {"error_class", Type::kText},
          {"ui_shown", Type::kText},  {"weight", Type::kFloat8}, {"measures", Type::kText},
          {"labels", Type::kText}};
}

std::vector<Value> event_row(const Event& event) {
  constexpr double kThousandths = 1000;
  const ErrorId error = event.kind.error();
  return {event.time_ms,
          std::string(event.rp),
          std::string(event.client),
          std::string(to_string(event.kind.outcome())),
          error_value(error),
          class_value(error),
          std::string(to_string(event.kind.ui_shown())),
          event.weight / kThousandths,
          json_object(event.measures,
                      [](std::string& out, std::uint32_t value) { out += std::to_string(value); }),
          json_object(event.labels, append_json_string)};
}

Result<ScanRequest> plan_scan(const ExprPtr& where, const View& view, std::int64_t now_ms) {
  Names names(view);
  auto condition = plan_condition(where.get(), names, now_ms);
  if (!condition.ok()) return std::move(condition).error();
  ScanRequest request;
  request.range = condition.value().range;
  request.where = std::move(condition.value().where);
  return request;
}

std::string scan_text(const ScanRequest& request) {
  std::string out = "Scan of raw events: range " + to_text(request.range);
  if (request.where.kind != Predicate::Kind::kTrue) out += ", where " + to_text(request.where);
  return out;
}

}  // namespace kpi::query
