// Random SELECTs over random events on the model store against a direct computation: the planner
// and the execution, whatever the combination of clauses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>

#include "kpi/query.h"
#include "tests/support/model_store.h"

namespace kpi::test {
namespace {

using query::Value;
using Events = std::vector<const ModelEvent*>;
using Row = std::vector<Value>;

constexpr std::int64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01
constexpr std::int64_t kSpanMs = 70 * kDayMs;

struct Condition {
  std::string text;
  std::function<bool(const ModelEvent&)> holds;
};
struct Key {
  std::string text;
  std::function<Value(const ModelEvent&)> of;
};
struct Measurement {
  std::string text;
  std::function<Value(const Events&)> of;
};

std::uint64_t weight(const Events& events, const std::function<bool(const ModelEvent&)>& counts) {
  std::uint64_t sum = 0;
  for (const ModelEvent* event : events) sum += counts(*event) ? event->weight : 0;
  return sum;
}
bool succeeded(const ModelEvent& event) { return event.kind.outcome() == Outcome::kSuccess; }
bool failed(const ModelEvent& event) { return event.kind.outcome() == Outcome::kFailure; }
std::int64_t whole(std::uint64_t thousandths) {
  return static_cast<std::int64_t>((thousandths + 500) / 1000);
}

Value ratio(std::uint64_t part, std::uint64_t all) {
  if (all == 0) return std::monostate{};
  return static_cast<double>(part) / static_cast<double>(all);
}

// The values of `m`, sorted, with their weights.
std::vector<std::pair<std::uint32_t, std::uint64_t>> values(const Events& events) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> out;
  for (const ModelEvent* event : events) {
    for (const auto& measure : event->measures) out.emplace_back(measure.second, event->weight);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Of `attempts` thousandths, those beyond the values being infinitely slow.
Value nearest_rank(const Events& events, std::uint64_t percent, std::uint64_t slow) {
  const auto sorted = values(events);
  std::uint64_t attempts = slow;
  for (const auto& value : sorted) attempts += value.second;
  if (attempts == 0) return std::monostate{};
  const std::uint64_t rank = (attempts * percent + 99) / 100;
  std::uint64_t seen = 0;
  for (const auto& value : sorted) {
    seen += value.second;
    if (seen >= rank) return static_cast<double>(value.first);
  }
  return INFINITY;
}

Value sum(const Events& events) {
  std::uint64_t out = 0;
  const auto all = values(events);
  for (const auto& value : all) out += value.first * value.second;
  if (all.empty()) return std::monostate{};
  return whole(out);
}

Value label(const ModelEvent& event) {
  if (event.labels.empty()) return std::monostate{};
  return event.labels[0].second;
}

Events only_successes(const Events& events) {
  Events out;
  std::copy_if(events.begin(), events.end(), std::back_inserter(out),
               [](const ModelEvent* event) { return succeeded(*event); });
  return out;
}

const std::vector<Condition> kConditions = {
    {"rp = 'https://a.example'", [](const auto& e) { return e.rp == "https://a.example"; }},
    {"rp NOT IN ('https://a.example', 'https://b.example')",
     [](const auto& e) { return e.rp != "https://a.example" && e.rp != "https://b.example"; }},
    {"browser <> 'x'",
     [](const auto& e) { return !e.labels.empty() && e.labels[0].second != "x"; }},
    {"NOT (browser = 'x' OR outcome = 'failure')",
     [](const auto& e) { return !failed(e) && !e.labels.empty() && e.labels[0].second != "x"; }},
    {"m >= 49.5", [](const auto& e) { return !e.measures.empty() && e.measures[0].second >= 50; }},
    {"time >= '2026-01-20' AND '2026-03-01' > time",
     [](const auto& e) {
       return e.time_ms >= kBeginMs + 19 * kDayMs && e.time_ms < kBeginMs + 59 * kDayMs;
     }},
    {"(time < '2026-01-10' OR error = 'fedcm.rp_failure')",
     [](const auto& e) { return e.time_ms < kBeginMs + 9 * kDayMs || failed(e); }},
    {"browser LIKE '_' AND m IS NOT NULL",
     [](const auto& e) { return !e.labels.empty() && !e.measures.empty(); }},
};

const std::vector<Key> kKeys = {
    {"time_bucket('1 day', time)", [](const auto& e) { return e.time_ms - e.time_ms % kDayMs; }},
    {"date_trunc('month', time)",
     [](const auto& e) {
       const std::int64_t day = (e.time_ms - kBeginMs) / kDayMs;
       return kBeginMs + (day < 31 ? 0 : (day < 59 ? 31 : 59)) * kDayMs;
     }},
    {"time_bucket('2 weeks', time)",
     [](const auto& e) {
       const std::int64_t fortnight = 14 * kDayMs, monday = 4 * kDayMs;
       return e.time_ms - (e.time_ms - monday) % fortnight;
     }},
    {"rp", [](const auto& e) { return e.rp; }},
    {"browser", [](const auto& e) { return label(e); }},
    {"outcome", [](const auto& e) { return std::string(to_string(e.kind.outcome())); }},
};
constexpr std::size_t kBucketKeys = 3;

const std::vector<Measurement> kMeasurements = {
    {"count(*)", [](const Events& e) { return whole(weight(e, [](auto&) { return true; })); }},
    {"successes()", [](const Events& e) { return whole(weight(e, succeeded)); }},
    {"success_rate()",
     [](const Events& e) {
       return ratio(weight(e, succeeded), weight(e, succeeded) + weight(e, failed));
     }},
    {"p50(m)", [](const Events& e) { return nearest_rank(e, 50, 0); }},
    {"quantile(m, 0.9)", [](const Events& e) { return nearest_rank(e, 90, 0); }},
    {"quantile_of_attempts(m, 0.7)",
     [](const Events& e) { return nearest_rank(only_successes(e), 70, weight(e, failed)); }},
    {"sum(m)", sum},
    {"failures() * 2 - 1", [](const Events& e) { return whole(weight(e, failed)) * 2 - 1; }},
};

// NULL last, as ascending order has it.
int compare(const Value& left, const Value& right) {
  const bool left_null = left.index() == 0, right_null = right.index() == 0;
  if (left_null || right_null) return static_cast<int>(left_null) - static_cast<int>(right_null);
  return left < right ? -1 : (right < left ? 1 : 0);
}

class RandomSelect : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  std::size_t below(std::size_t bound) { return rng_() % bound; }

  std::vector<ModelEvent> random_events() {
    std::vector<ModelEvent> events(below(200));
    for (ModelEvent& event : events) {
      event.time_ms = kBeginMs + static_cast<std::int64_t>(rng_() % kSpanMs);
      event.rp =
          std::array{"", "https://a.example", "https://b.example", "https://c.example"}[below(4)];
      const auto outcome = static_cast<Outcome>(below(3));
      const bool failure = outcome == Outcome::kFailure;
      event.kind = EventKind(outcome, UiShown::kUnknown,
                             failure ? ErrorId{Dialect::kFedcm, 201} : ErrorId{});
      if (below(4) == 0) event.weight = static_cast<std::uint32_t>(1000 + below(5000));
      if (below(3) != 0) event.measures = {{"m", static_cast<std::uint32_t>(below(150))}};
      if (below(3) != 0) event.labels = {{"browser", below(2) == 0 ? "x" : "y"}};
    }
    // Names must be known, whatever else there is.
    events.push_back({kBeginMs, "", "", EventKind(), 1000, {{"m", 1}}, {{"browser", "x"}}});
    return events;
  }

  template <class T>
  std::vector<T> some(const std::vector<T>& of, std::size_t from, std::size_t least) {
    std::vector<T> out;
    while (out.size() < least) {
      out.clear();
      for (std::size_t i = from; i < of.size(); ++i) {
        if (below(3) == 0) out.push_back(of[i]);
      }
    }
    return out;
  }

  std::mt19937_64 rng_{GetParam()};
};

std::vector<Row> direct(const std::vector<ModelEvent>& events, const std::vector<Condition>& where,
                        const std::vector<Key>& keys, const std::vector<Measurement>& outputs) {
  std::map<Row, Events> groups;
  for (const ModelEvent& event : events) {
    const auto holds = [&event](const Condition& condition) { return condition.holds(event); };
    if (!std::all_of(where.begin(), where.end(), holds)) continue;
    Row key;
    for (const Key& part : keys) key.push_back(part.of(event));
    groups[key].push_back(&event);
  }
  if (keys.empty() && groups.empty()) groups[{}] = {};
  std::vector<Row> rows;
  for (const auto& [key, members] : groups) {
    Row row = key;
    for (const Measurement& output : outputs) row.push_back(output.of(members));
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [&keys](const Row& a, const Row& b) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (const int order = compare(a[i], b[i]); order != 0) return order < 0;
    }
    return false;
  });
  return rows;
}

std::string print(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    for (const Value& value : row) {
      if (const auto* text = std::get_if<std::string>(&value)) out += *text;
      if (const auto* number = std::get_if<std::int64_t>(&value)) out += std::to_string(*number);
      if (const auto* number = std::get_if<double>(&value)) out += std::to_string(*number);
      out += value.index() == 0 ? "NULL | " : " | ";
    }
    out += '\n';
  }
  return out;
}

TEST_P(RandomSelect, AnswersWhatADirectComputationDoes) {
  const auto events = random_events();
  const auto where = some(kConditions, 0, 0);
  auto keys = some(kKeys, kBucketKeys, 0);
  if (below(2) == 0) keys.insert(keys.begin(), kKeys[below(kBucketKeys)]);
  const auto outputs = some(kMeasurements, 0, 1);
  std::string list, groups, conditions;
  for (const Key& key : keys) {
    list += key.text + ", ";
    groups += (groups.empty() ? " GROUP BY " : ", ") + key.text;
  }
  for (const Measurement& output : outputs) list += output.text + ", ";
  for (const Condition& condition : where) {
    conditions += (conditions.empty() ? " WHERE " : " AND ") + condition.text;
  }
  std::string text =
      "SELECT " + list.substr(0, list.size() - 2) + " FROM events" + conditions + groups;
  std::vector<Row> expected = direct(events, where, keys, outputs);
  if (below(2) == 0) {
    text += " HAVING count(*) >= 3";
    const auto count = direct(events, where, keys, {kMeasurements[0]});
    std::vector<Row> kept;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (std::get<std::int64_t>(count[i].back()) >= 3) kept.push_back(expected[i]);
    }
    expected = kept;
  }
  if (below(2) == 0) {
    const std::size_t column = keys.size() + below(outputs.size());
    const bool descending = below(2) == 0;
    text += " ORDER BY " + std::to_string(column + 1) + (descending ? " DESC" : "");
    std::stable_sort(expected.begin(), expected.end(), [=](const Row& a, const Row& b) {
      const int order = compare(a[column], b[column]);
      return descending ? order > 0 : order < 0;
    });
  }
  if (below(2) == 0) {
    const std::size_t limit = below(8), offset = below(4);
    text += " LIMIT " + std::to_string(limit) + " OFFSET " + std::to_string(offset);
    const std::size_t begin = std::min(offset, expected.size());
    const std::size_t end = std::min(begin + limit, expected.size());
    expected = std::vector<Row>(expected.begin() + static_cast<std::ptrdiff_t>(begin),
                                expected.begin() + static_cast<std::ptrdiff_t>(end));
  }
  const auto statements = query::parse(text);
  ASSERT_TRUE(statements.ok()) << text << '\n' << statements.error().message;
  ModelStore store(events);
  const auto table = query::run(statements.value()[0], store, {});
  ASSERT_TRUE(table.ok()) << text << '\n' << table.error().message;
  EXPECT_EQ(print(table.value().rows), print(expected)) << text;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomSelect, testing::Range<std::uint64_t>(0, 400));

}  // namespace
}  // namespace kpi::test
