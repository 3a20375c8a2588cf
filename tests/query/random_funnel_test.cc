// Random FUNNELs over random events on the model store against a direct computation.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>

#include "kpi/query.h"
#include "tests/support/model_store.h"

namespace kpi::test {
namespace {

using query::Value;
using Row = std::vector<Value>;

constexpr std::int64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01
const std::vector<std::string> kSteps = {"a", "b", "c", "d", "e"};

std::optional<std::int64_t> offset(const ModelEvent& event, const std::string& step) {
  for (const auto& [name, value] : event.measures) {
    if (name == step) return value;
  }
  return std::nullopt;
}

Value ratio(std::uint64_t part, std::uint64_t all) {
  if (all == 0) return std::monostate{};
  return static_cast<double>(part) / static_cast<double>(all);
}

Value median(std::vector<std::pair<std::int64_t, std::uint64_t>> values) {
  std::sort(values.begin(), values.end());
  std::uint64_t total = 0;
  for (const auto& value : values) total += value.second;
  std::uint64_t below = 0;
  for (const auto& [value, weight] : values) {
    below += weight;
    if (below >= (total + 1) / 2) return static_cast<double>(value);
  }
  return std::monostate{};
}

class RandomFunnel : public testing::TestWithParam<std::uint64_t> {  // The parameter is the seed.
 protected:
  std::size_t below(std::size_t bound) { return rng_() % bound; }

  // Offsets stay below 183, where the sketch is exact.
  ModelEvent random_event() {
    ModelEvent event;
    event.time_ms = kBeginMs + static_cast<std::int64_t>(below(3 * kDayMs));
    event.weight = below(3) == 0 ? 1000 + static_cast<std::uint32_t>(below(9999)) : 1000;
    for (const std::string& step : kSteps) {
      if (below(4) > 0) event.measures.emplace_back(step, below(183));
    }
    if (below(3) > 0) event.labels.emplace_back("browser", std::string(1, "xyz"[below(3)]));
    return event;
  }

  std::vector<std::string> random_names(std::size_t least, std::size_t most,
                                        std::vector<std::string>& from) {
    std::shuffle(from.begin(), from.end(), rng_);
    const std::size_t count = std::min(from.size(), least + below(most - least + 1));
    std::vector<std::string> out(from.end() - static_cast<std::ptrdiff_t>(count), from.end());
    from.resize(from.size() - count);
    return out;
  }

  std::mt19937_64 rng_{GetParam()};
};

struct Question {
  std::vector<std::string> steps, exclusions;
  bool by_day = false, by_browser = false;

  std::string text() const {
    std::string out = "FUNNEL ";
    for (std::size_t i = 0; i < steps.size(); ++i) out += (i > 0 ? ", '" : "'") + steps[i] + "'";
    for (std::size_t i = 0; i < exclusions.size(); ++i) {
      out += (i > 0 ? ", '" : " EXCLUDE '") + exclusions[i] + "'";
    }
    if (by_day) out += " GROUP BY time_bucket('1 day', time)";
    if (by_browser) out += by_day ? ", browser" : " GROUP BY browser";
    return out;
  }

  bool counts(const ModelEvent& event) const {
    return offset(event, steps[0]) &&
           std::none_of(exclusions.begin(), exclusions.end(),
                        [&](const std::string& name) { return offset(event, name).has_value(); });
  }

  std::size_t reached(const ModelEvent& event) const {
    std::size_t stage = 0;
    while (stage < steps.size() && offset(event, steps[stage])) ++stage;
    return stage;
  }
};

using Group = std::pair<std::int64_t, std::string>;  // Day, and browser: "~" where it has none.

Group group_of(const Question& question, const ModelEvent& event) {
  Group group{0, ""};
  if (question.by_day) group.first = event.time_ms - event.time_ms % kDayMs;
  if (question.by_browser) group.second = event.labels.empty() ? "~" : event.labels[0].second;
  return group;
}

Row expected_row(const Question& question, const Group& group,
                 const std::vector<const ModelEvent*>& events, std::size_t stage) {
  std::vector<std::uint64_t> reached(question.steps.size());
  std::vector<std::pair<std::int64_t, std::uint64_t>> differences;
  for (const ModelEvent* event : events) {
    const std::size_t to = question.reached(*event);
    for (std::size_t i = 0; i < to; ++i) reached[i] += event->weight;
    if (stage == 0 || stage >= to) continue;
    differences.emplace_back(
        *offset(*event, question.steps[stage]) - *offset(*event, question.steps[stage - 1]),
        event->weight);
  }
  Row row;
  if (question.by_day) row.emplace_back(group.first);
  if (question.by_browser) row.push_back(group.second == "~" ? Value{} : Value{group.second});
  row.emplace_back(question.steps[stage]);
  row.emplace_back(static_cast<std::int64_t>((reached[stage] + 500) / 1000));
  row.push_back(ratio(reached[stage], reached[0]));
  row.push_back(stage == 0 ? Value{} : ratio(reached[stage], reached[stage - 1]));
  row.push_back(ratio(reached.back(), reached[stage]));
  row.push_back(median(differences));
  return row;
}

TEST_P(RandomFunnel, AnswersAsADirectComputation) {
  for (int round = 0; round < 10; ++round) {
    std::vector<ModelEvent> events(below(200));
    for (ModelEvent& event : events) event = random_event();
    Question question;
    std::vector<std::string> names = kSteps;
    question.steps = random_names(1, 4, names);
    question.exclusions = random_names(0, 1, names);
    question.by_day = below(2) == 0;
    question.by_browser = below(2) == 0;
    std::map<Group, std::vector<const ModelEvent*>> groups;
    if (!question.by_day && !question.by_browser) groups[{0, ""}];
    for (const ModelEvent& event : events) {
      if (question.counts(event)) groups[group_of(question, event)].push_back(&event);
    }
    std::vector<Row> expected;
    for (const auto& [group, members] : groups) {
      for (std::size_t stage = 0; stage < question.steps.size(); ++stage) {
        expected.push_back(expected_row(question, group, members, stage));
      }
    }
    ModelStore store(events);
    const auto table = query::run(query::parse(question.text()).value().at(0), store, {});
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table.value().rows, expected) << question.text();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomFunnel, testing::Range<std::uint64_t>(0, 30));

}  // namespace
}  // namespace kpi::test
