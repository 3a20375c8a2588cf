#include "tests/engine/read/model_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace kpi::test {
namespace {

using GroupKey = std::pair<std::int64_t, std::vector<std::optional<std::string>>>;
struct GroupValue {
  Counts counts;
  std::vector<std::string> sketches;
  bool operator==(const GroupValue&) const = default;
};
using Groups = std::map<GroupKey, GroupValue>;

Groups groups_of(const AggregateResult& result) {
  Groups groups;
  for (std::size_t group = 0; group < result.size; ++group) {
    GroupKey key;
    if (!result.bucket_begin_ms.empty()) key.first = result.bucket_begin_ms[group];
    for (const auto& column : result.keys) {
      const std::string_view text = column[group];
      key.second.push_back(text.data() == nullptr ? std::nullopt
                                                  : std::optional<std::string>(text));
    }
    GroupValue value;
    value.counts = result.counts[group];
    for (const auto& column : result.sketches) value.sketches.push_back(column[group].bytes());
    if (!groups.emplace(key, value).second) ++groups[{-1, {"a group stands twice"}}].counts.events;
  }
  return groups;
}

std::string print(const Groups& groups) {
  std::ostringstream out;
  for (const auto& [key, value] : groups) {
    out << key.first;
    for (const auto& text : key.second) out << " | " << (text ? "'" + *text + "'" : "NULL");
    const Counts& counts = value.counts;
    out << " : " << counts.events << ' ' << counts.total << ' ' << counts.successes << ' '
        << counts.failures << ' ' << counts.failures_ui_shown << " sketches";
    for (const auto& bytes : value.sketches) out << ' ' << bytes.size();
    out << '\n';
  }
  return out.str();
}

void print(const Predicate& predicate, std::ostream& out) {
  out << '(' << static_cast<int>(predicate.kind);
  if (!predicate.dimension.label.empty() || !predicate.values.empty()) {
    out << " dim " << static_cast<int>(predicate.dimension.dimension) << predicate.dimension.label;
  }
  for (const auto& value : predicate.values) out << " '" << value << "'";
  if (!predicate.measure.empty()) {
    out << ' ' << predicate.measure << " op" << static_cast<int>(predicate.comparison) << ' '
        << predicate.operand;
  }
  if (predicate.kind == Predicate::Kind::kTime) {
    out << ' ' << predicate.range.begin_ms << ".." << predicate.range.end_ms;
  }
  for (const Predicate& child : predicate.children) print(child, out);
  out << ')';
}

std::string print(const AggregateRequest& request) {
  std::ostringstream out;
  out << "range " << request.range.begin_ms << ".." << request.range.end_ms << " width "
      << request.bucket_width_ms << " origin " << request.bucket_origin_ms << " where ";
  print(request.where, out);
  out << " group by";
  for (const auto& by : request.group_by) out << ' ' << static_cast<int>(by.dimension) << by.label;
  out << " measures";
  for (const auto& name : request.measures) out << ' ' << name;
  return out.str();
}

// One event as a line, whatever the order of its measures and labels.
std::string line_of(const Event& event) {
  std::vector<std::string> parts;
  for (const NamedValue& m : event.measures) {
    parts.push_back(' ' + std::string(m.name) + '=' + std::to_string(m.value));
  }
  for (const NamedLabel& l : event.labels) {
    parts.push_back(' ' + std::string(l.name) + ':' + std::string(l.value));
  }
  std::sort(parts.begin(), parts.end());
  std::string line = std::to_string(event.time_ms);
  line.append(1, ' ').append(event.rp).append(1, ' ').append(event.client);
  line += ' ' + std::to_string(event.kind.packed()) + ' ' + std::to_string(event.weight);
  for (const std::string& part : parts) line += part;
  return line;
}

std::string print_steps(const std::vector<ReadStep>& steps) {
  std::ostringstream out;
  for (const ReadStep& step : steps) {
    out << " [" << step.source << ' ' << step.range.begin_ms << ".." << step.range.end_ms << "]";
  }
  return out.str();
}

TimeRange common(const TimeRange& a, const TimeRange& b) {
  return {std::max(a.begin_ms, b.begin_ms), std::min(a.end_ms, b.end_ms)};
}

// As lines, in order; `unordered`: the first that came too early within its series and day.
Result<ScanReport> read_lines(const View& view, const ScanRequest& request,
                              std::vector<std::string>* lines, std::string* unordered) {
  std::map<std::string, std::int64_t> last_ms;
  Result<ScanReport> report = view.scan(request, [&](const Event& event) {
    lines->push_back(line_of(event));
    std::string day(event.rp);
    day.append(1, '\n').append(event.client).append(1, '\n');
    day += std::to_string(event.time_ms / kDayMs);
    const auto [last, is_new] = last_ms.emplace(day, event.time_ms);
    if (event.time_ms < last->second) *unordered = lines->back();
    last->second = event.time_ms;
    return true;
  });
  std::sort(lines->begin(), lines->end());
  return report;
}

std::string first_difference(const std::vector<std::string>& got,
                             const std::vector<std::string>& want) {
  std::vector<std::string> missing, added;
  std::set_difference(want.begin(), want.end(), got.begin(), got.end(),
                      std::back_inserter(missing));
  std::set_difference(got.begin(), got.end(), want.begin(), want.end(), std::back_inserter(added));
  std::ostringstream out;
  out << missing.size() << " events are missing, " << added.size() << " too many";
  if (!missing.empty()) out << "; missing: " << missing[0];
  if (!added.empty()) out << "; too many: " << added[0];
  return out.str();
}

struct Weighted {
  std::uint32_t value = 0, weight = 0;
  auto operator<=>(const Weighted&) const = default;
};

Result<std::vector<Weighted>> values_of(const View& model, const std::string& measure,
                                        const TimeRange& range) {
  std::vector<Weighted> values;
  const auto report = model.scan({range, {}, {}}, [&](const Event& event) {
    for (const NamedValue& each : event.measures) {
      if (each.name == measure) values.push_back({each.value, event.weight});
    }
    return true;
  });
  if (!report.ok()) return report.error();
  std::sort(values.begin(), values.end());
  return values;
}

std::uint32_t true_quantile(const std::vector<Weighted>& values, std::uint64_t total,
                            std::uint64_t per_thousand) {
  const auto rank = static_cast<std::uint64_t>((Uint128{total} * per_thousand + 999) / 1000);
  std::uint64_t before = 0;
  for (const Weighted& each : values) {
    before += each.weight;
    if (before >= rank) return each.value;
  }
  return values.back().value;
}

std::string check_sketch(const Sketch& sketch, const std::vector<Weighted>& values) {
  if (sketch.count() != values.size()) {
    return "a sketch counts " + std::to_string(sketch.count()) + " of " +
           std::to_string(values.size()) + " values";
  }
  if (values.empty()) return {};
  Uint128 sum = 0;
  std::uint64_t total = 0;
  for (const Weighted& each : values) {
    sum += Uint128{each.value} * each.weight;
    total += each.weight;
  }
  if (sketch.weight() != total || sketch.weighted_sum() != sum) return "a sum is not exact";
  if (sketch.min() != values.front().value || sketch.max() != values.back().value) {
    return "min or max is not exact";
  }
  for (const std::uint64_t per_thousand : {1U, 100U, 500U, 750U, 900U, 950U, 990U, 999U}) {
    const double truth = true_quantile(values, total, per_thousand);
    const double got = sketch.quantile(static_cast<double>(per_thousand) / 1000).value_or(-1);
    if (std::abs(got - truth) > truth * kSketchRelativeErrorMax * 1.0001) {
      return "quantile 0." + std::to_string(per_thousand) + " is " + std::to_string(got) +
             ", in truth " + std::to_string(truth);
    }
  }
  return {};
}

}  // namespace

Checked check_aggregate(const View& view, const View& model, AggregateRequest request) {
  const std::string asked = print(request) + '\n';
  const auto answer = view.aggregate(request);
  if (!answer.ok()) return {asked + answer.error().message, true};
  Checked checked;
  checked.covered = answer.value().covered;
  for (const ReadStep& step : answer.value().steps) {
    if (step.source == "label day cells") checked.label_cells += step.cells;
  }
  const auto explained = view.explain(request);
  if (!explained.ok()) return {asked + explained.error().message, true};
  const std::string steps = print_steps(answer.value().steps);
  if (print_steps(explained.value()) != steps) {
    return {asked + "was explained as" + print_steps(explained.value()) + ", read" + steps};
  }
  request.range = common(request.range, checked.covered);
  const auto expected = model.aggregate(request);
  if (!expected.ok()) return {asked + expected.error().message};
  const Groups got = groups_of(answer.value()), want = groups_of(expected.value());
  checked.groups = want.size();
  if (got == want) return checked;
  checked.difference = asked + "got\n" + print(got) + "expected\n" + print(want) + "covered " +
                       std::to_string(checked.covered.begin_ms) + ".." +
                       std::to_string(checked.covered.end_ms) + "\nsteps" + steps;
  return checked;
}

Checked check_scan(const View& view, const View& model, ScanRequest request) {
  AggregateRequest shown;
  shown.range = request.range;
  shown.where = request.where;
  const std::string asked = "scan " + print(shown) + '\n';
  std::vector<std::string> got, want;
  std::string unordered, ignored;
  const auto report = read_lines(view, request, &got, &unordered);
  if (!report.ok()) return {asked + report.error().message, true};
  if (!unordered.empty()) return {asked + "out of order: " + unordered};
  Checked checked;
  checked.covered = report.value().covered;
  request.range = common(request.range, checked.covered);
  const auto expected = read_lines(model, request, &want, &ignored);
  if (!expected.ok()) return {asked + expected.error().message};
  checked.groups = want.size();
  if (got != want) checked.difference = asked + first_difference(got, want);
  return checked;
}

Checked check_quantiles(const View& view, const View& model, const std::string& measure) {
  AggregateRequest request;
  request.measures = {measure};
  const std::string asked = "quantiles of " + measure + ": ";
  const auto answer = view.aggregate(request);
  if (!answer.ok()) return {asked + answer.error().message, true};
  Checked checked;
  checked.covered = answer.value().covered;
  const auto values = values_of(model, measure, checked.covered);
  if (!values.ok()) return {asked + values.error().message};
  const Sketch none;
  const bool any = answer.value().size > 0;
  const std::string wrong =
      check_sketch(any ? answer.value().sketches[0][0] : none, values.value());
  if (!wrong.empty()) checked.difference = asked + wrong;
  return checked;
}

}  // namespace kpi::test
